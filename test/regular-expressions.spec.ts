import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  attacksOn,
  madePatternsOf,
  patternsOf,
  writtenOut,
  type Attack,
} from './regular-expressions.js';

const files = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', 'lib'],
  { encoding: 'utf8' },
)
  .split('\0')
  .filter(
    (file) =>
      file.endsWith('.ts') && !file.endsWith('.spec.ts') && existsSync(file),
  );

/** Lengths of the texts; short ones first, so that a failure does not take minutes. */
const LENGTHS = [28, 400, 1_200, 4_000];
/** Attacks that go on to the next length: those that took longest. */
const KEPT = [Infinity, 60, 20, 8];
const LONG = 100_000;
/** Milliseconds; what is linear takes a tenth of one, or at most a few. */
const MOST = 50;

const timeOf = (expression: RegExp, attack: Attack, length: number): number => {
  const text = writtenOut(attack, length);
  const start = performance.now();
  expression.lastIndex = 0;
  if (expression.global) text.replace(expression, '');
  else expression.test(text);
  return performance.now() - start;
};

/** The attack that takes too long, with its time. */
const successOn = (expression: RegExp): string | undefined => {
  let attacks = attacksOn(expression);
  const slowest = (length: number, kept: number): string | undefined => {
    const timed: { attack: Attack; time: number }[] = [];
    for (const attack of attacks) {
      let time = timeOf(expression, attack, length);
      // The shortest of three, as others use the machine as well.
      for (let turn = 0; turn < 2 && time > MOST; turn++) {
        time = Math.min(time, timeOf(expression, attack, length));
      }
      if (time > MOST) {
        return `${JSON.stringify(attack)}: ${Math.round(time)} ms for ${length} characters`;
      }
      timed.push({ attack, time });
    }
    attacks = timed
      .toSorted((one, other) => other.time - one.time)
      .slice(0, kept)
      .map(({ attack }) => attack);
    return undefined;
  };
  for (const [stage, length] of LENGTHS.entries()) {
    const found = slowest(length, KEPT[stage] ?? 1);
    if (found !== undefined) return found;
  }
  return slowest(LONG / 4, 8) ?? slowest(LONG, 8);
};

/** What is made of a text, as it is made; undefined where no caller's text is matched with it. */
const MADE: Record<string, RegExp | undefined> = {
  'lib/authorization-server/clients/redirect-uri.policy.ts':
    /^a\.[a-z0-9-]+\.example\.com:80$/,
  'lib/authorization-server/login/interaction.flow.ts':
    /^\/oauth\/interaction\/([\w-]+)$/,
  'lib/client/connection/http-fetch.ts': /"id":\s*7[,}\s]/,
  // Reads the sources of the application's own methods.
  'lib/nest/upload-fields.ts': undefined,
  // Only compiled, to see whether clients could.
  'lib/schema/json-schema/strict-schema.ts': undefined,
};

describe('the attacks', () => {
  it.each([
    [/^(a+)+$/, 'by the power of its length'],
    [/\s+$/, 'by the square of it'],
    [/^[a-z]*[a-z0-9]*[a-z-]*\.$/, 'by the cube of it'],
    [/<a>.*<\/a>/g, 'by the square of it, with more than one character'],
  ])('find that %s takes time %s', (expression) => {
    expect(successOn(expression)).toBeDefined();
  });

  it.each([/^[a-z]+\d*$/, /(?<!\s)\s+$/, /[^ -~]/])(
    'find nothing in %s',
    (expression) => {
      expect(successOn(expression)).toBeUndefined();
    },
  );
});

describe('every regular expression of the library', () => {
  const patterns = files.flatMap((file) => patternsOf(file));

  it('is found', () => {
    expect(patterns.length).toBeGreaterThan(100);
  });

  it.each(
    patterns.map(
      ({ expression, place }) =>
        [String(expression), place, expression] as const,
    ),
  )(
    '%s (%s) takes time by the length of a text, whatever it is',
    (_text, _place, expression) => {
      expect(successOn(expression)).toBeUndefined();
    },
  );

  it('is a literal, but for those that are told of here', () => {
    expect(files.flatMap((file) => madePatternsOf(file)).toSorted()).toEqual(
      Object.keys(MADE),
    );
  });

  it.each(Object.entries(MADE))('%s makes %s', (_file, expression) => {
    if (expression !== undefined) {
      expect(successOn(expression)).toBeUndefined();
    }
  });
});
