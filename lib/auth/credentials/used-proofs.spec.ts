import { jest } from '@jest/globals';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { UsedProofs } from './dpop.proof.js';

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  jest.useRealTimers();
});

const pass = (milliseconds: number) =>
  jest.setSystemTime(Date.now() + milliseconds);

it('lets a proof be used once', () => {
  const used = new UsedProofs(70);
  expect(used.use('a')).toBe(true);
  expect(used.use('a')).toBe(false);
  expect(used.use('b')).toBe(true);
});

it('forgets a proof after its time, and not before', () => {
  const used = new UsedProofs(70);
  used.use('a');
  pass(69_999);
  expect(used.use('a')).toBe(false);
  pass(1);
  expect(used.use('a')).toBe(true);
});

it('refuses where it is full, forgets none for it, and has room again later', () => {
  const used = new UsedProofs(70, 2);
  used.use('a');
  pass(10_000);
  used.use('b');
  expect(() => used.use('c')).toThrow(VerifierUnavailableError);
  expect(used.use('a')).toBe(false);
  pass(60_000);
  expect(used.use('c')).toBe(true);
  expect(used.use('b')).toBe(false);
});
