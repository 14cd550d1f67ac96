import { inspect } from 'node:util';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../../test/support/frozen-time.js';
import { AudienceRule } from '../audience-rule.js';
import { VerifiedJwt } from './verified-jwts.js';
import { VerifiedJwts } from './verified-jwts.js';

beforeEach(() => freezeTime(0));
afterEach(() => releaseTime());

const jwt = (token = 'a') =>
  new VerifiedJwt(
    token,
    { exp: 600 },
    {
      audience: new AudienceRule('test', false),
      clockTolerance: 0,
      paths: undefined,
    },
  );

it('finds what was added by the token, letter for letter', () => {
  const kept = new VerifiedJwts('test');
  const added = jwt();
  kept.add('token', added);
  expect(kept.get('token')).toBe(added);
  for (const other of ['', 'toke', 'token ', 'Token']) {
    expect(kept.get(other)).toBeUndefined();
  }
});

it.each([undefined, { ttl: 60 }, { ttl: 5 }])(
  'finds it until its time is over: %j',
  (options) => {
    const kept = new VerifiedJwts('test', options);
    kept.add('a', jwt());
    passSeconds((options?.ttl ?? 60) - 0.001);
    expect(kept.get('a')).toBeDefined();
    passSeconds(0.001);
    expect(kept.get('a')).toBeUndefined();
  },
);

it('is not kept longer for being asked for', () => {
  const kept = new VerifiedJwts('test', { ttl: 10 });
  kept.add('a', jwt());
  passSeconds(9);
  kept.get('a');
  passSeconds(1);
  expect(kept.get('a')).toBeUndefined();
});

it('keeps 10000 by default, and drops the oldest', () => {
  const kept = new VerifiedJwts('test');
  const one = jwt();
  for (let index = 0; index <= 10_000; index += 1) {
    kept.add(`token ${index}`, one);
  }
  expect(kept.size).toBe(10_000);
  expect(kept.get('token 0')).toBeUndefined();
  expect(kept.get('token 1')).toBe(one);
  expect(kept.get('token 10000')).toBe(one);
});

it('counts a token that is added again once, as the newest', () => {
  const kept = new VerifiedJwts('test', { maxEntries: 2 });
  const newer = jwt();
  kept.add('a', jwt());
  kept.add('b', jwt());
  kept.add('a', newer);
  expect(kept.size).toBe(2);
  kept.add('c', jwt());
  expect(kept.get('b')).toBeUndefined();
  expect(kept.get('a')).toBe(newer);
});

it('lets go of what is over as soon as another is added', () => {
  const kept = new VerifiedJwts('test', { ttl: 10 });
  kept.add('a', jwt());
  kept.add('b', jwt());
  passSeconds(5);
  kept.add('c', jwt());
  passSeconds(5);
  kept.add('d', jwt());
  expect(kept.size).toBe(2);
  expect(kept.get('c')).toBeDefined();
});

it('keeps nothing with ttl: 0', () => {
  const kept = new VerifiedJwts('test', { ttl: 0 });
  kept.add('a', jwt());
  expect(kept.get('a')).toBeUndefined();
  expect(kept.size).toBe(0);
});

it('has no token in plain text where it could be printed', () => {
  const kept = new VerifiedJwts('test');
  kept.add('s3cr3t', jwt('s3cr3t'));
  kept.get('s3cr3t')?.accept({});
  const printed = inspect(kept, { depth: Infinity, showHidden: true });
  expect(printed).toContain('VerifiedJwt {');
  expect(printed).not.toContain('s3cr3t');
});
