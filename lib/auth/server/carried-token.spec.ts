import { AccessToken } from '../token/access-token.js';
import {
  type CarryingRequest,
  verifiedTokenOf,
  markVerified,
  vouchForLocal,
} from './carried-token.js';
import type { ServerAuth } from './server-auth.js';

const ISSUER = 'https://login.example.com';
const API = 'https://api.example.com';

const token = (init = {}) =>
  new AccessToken({ token: 't', subject: 'ada', ...init });

/** Fastify's request, with an inner one behind it. */
const behind = (auth: AccessToken) =>
  ({ headers: {}, raw: { auth } }) as CarryingRequest;

/** A place that accepts tokens of one issuer, made out for these audiences. */
const place = (...audience: string[]) =>
  ({
    acceptsLike: ({ issuer, resource }: AccessToken) =>
      issuer === ISSUER && audience.includes(resource ?? ''),
  }) as ServerAuth;

it('trusts no token that no guard of this application has verified', () => {
  const auth = token();
  expect(verifiedTokenOf({ headers: {}, auth }, place())).toBeUndefined();
  expect(verifiedTokenOf(behind(auth), place())).toBeUndefined();
});

it('trusts one where it was verified, on the request of either adapter', () => {
  const auth = token();
  const here = place();
  markVerified(auth, here);
  expect(verifiedTokenOf({ headers: {}, auth }, here)).toBe(auth);
  expect(verifiedTokenOf(behind(auth), here)).toBe(auth);
  expect(verifiedTokenOf({ headers: {}, auth: token() }, here)).toBeUndefined();
});

it('trusts it at every place where it was verified, and at no other', () => {
  const auth = token();
  const [one, two, three] = [place(), place(), place()] as const;
  markVerified(auth, one);
  markVerified(auth, two);
  expect(verifiedTokenOf({ headers: {}, auth }, one)).toBe(auth);
  expect(verifiedTokenOf({ headers: {}, auth }, two)).toBe(auth);
  expect(verifiedTokenOf({ headers: {}, auth }, three)).toBeUndefined();
});

it.each([
  ['both accept its issuer and audience', [API], [API], true],
  ['only where it was verified is it accepted so', [API], ['x'], false],
  // Nobody has looked at the issuer there: the name could be made up.
  ['only the other accepts it so', [], [API], false],
])('trusts it elsewhere where %s: %j, %j', (_, here, there, trusted) => {
  const auth = token({ issuer: ISSUER, resource: API });
  markVerified(auth, place(...here));
  expect(verifiedTokenOf({ headers: {}, auth }, place(...there)) === auth).toBe(
    trusted,
  );
});

it('trusts whom the application speaks for, unless a guard has verified the token', () => {
  const made = token();
  vouchForLocal(made);
  expect(verifiedTokenOf({ headers: {}, auth: made }, place())).toBe(made);
  const verified = token();
  markVerified(verified, place());
  vouchForLocal(verified);
  expect(
    verifiedTokenOf({ headers: {}, auth: verified }, place()),
  ).toBeUndefined();
});

it.each([undefined, null, 'ada', { subject: 'ada' }])(
  'takes %j for nobody',
  (auth) => {
    expect(verifiedTokenOf({ headers: {}, auth }, place())).toBeUndefined();
  },
);
