import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** A regular expression in a source file. */
export interface Pattern {
  /** `lib/a.ts:12` */
  readonly place: string;
  readonly expression: RegExp;
}

/** Every regular expression that a TypeScript file writes as a literal. */
export function patternsOf(file: string): Pattern[] {
  return nodesOf(file).flatMap(({ node, place }) => {
    if (!ts.isRegularExpressionLiteral(node)) return [];
    const end = node.text.lastIndexOf('/');
    return [
      {
        place,
        expression: new RegExp(
          node.text.slice(1, end),
          node.text.slice(end + 1),
        ),
      },
    ];
  });
}

/** Places where a TypeScript file makes a regular expression of a text. */
export function madePatternsOf(file: string): string[] {
  return nodesOf(file).flatMap(({ node, place }) =>
    (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    node.expression.getText() === 'RegExp'
      ? [place.replace(/:\d+$/, '')]
      : [],
  );
}

function nodesOf(file: string): { node: ts.Node; place: string }[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.ES2023,
    true,
  );
  const found: { node: ts.Node; place: string }[] = [];
  const visit = (node: ts.Node): void => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push({ node, place: `${file}:${line + 1}` });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Text that a regular expression takes long for, if it does for any. */
export interface Attack {
  readonly start: string;
  /** What comes again and again. */
  readonly unit: string;
  readonly end: string;
}

/** The text, with a length of about so many characters. */
export const writtenOut = (
  { start, unit, end }: Attack,
  length: number,
): string => start + unit.repeat(Math.ceil(length / unit.length)) + end;

/** Tried where a part of a pattern takes more than one character. */
const COMMON = [...'a0A /-._=,;:"\\\t\n(%é'];
/** Ends that many patterns do not take. */
const ENDS = ['', '\0', '\n', 'a'];
const LONGEST_UNIT = 3;
const MOST_STARTS = 12;

/**
 * Attacks on a regular expression, made of its own parts: what each of them
 * takes, and what neighbours take one after the other, again and again, after
 * all that the pattern wants before it.
 */
export function attacksOn({ source, flags }: RegExp): Attack[] {
  const parts = partsOf(source).map((part) => samplesOf(part, flags));
  const units = new Set(parts.flat());
  for (let length = 2; length <= LONGEST_UNIT; length++) {
    for (let from = 0; from + length <= parts.length; from++) {
      const unit = parts
        .slice(from, from + length)
        .map(([first = '']) => first);
      units.add(unit.join(''));
    }
  }
  units.delete('');
  const firsts = parts.map(([first = '']) => first);
  const starts = new Set([
    '',
    '\0',
    ...firsts.slice(0, MOST_STARTS).map((_first, end) => {
      return firsts.slice(0, end + 1).join('');
    }),
  ]);
  return [...starts].flatMap((start) =>
    [...units].flatMap((unit) =>
      ENDS.map((end): Attack => ({ start, unit, end })),
    ),
  );
}

/** Classes, escapes and single characters, in their order; without groups, anchors and quantifiers. */
function partsOf(source: string): string[] {
  const parts =
    source.match(
      /\\[pP]\{[^}]+\}|\\u\{[^}]+\}|\\u[\dA-Fa-f]{4}|\\x[\dA-Fa-f]{2}|\\.|\[(?:\\.|[^\]\\])*\]|\(\?<?[=!:]|\(\?<\w+>|\{\d+,?\d*\}|[^]/gu,
    ) ?? [];
  return parts.filter(
    (part) => !/^(?:[()^$|*+?]|\(.*|\{\d.*|\\[bB])$/s.test(part),
  );
}

function samplesOf(part: string, flags: string): string[] {
  const only = new RegExp(`^(?:${part})$`, flags.replace(/[gy]/g, ''));
  const own = [...part].filter((character) => only.test(character));
  const some = [...own.slice(0, 3), ...COMMON].filter((text) =>
    only.test(text),
  );
  return [...new Set(some)].slice(0, 2);
}
