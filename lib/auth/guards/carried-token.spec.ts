import { AccessToken } from '../access-token.js';
import { carriedToken, vouchFor } from './carried-token.js';

const token = () => new AccessToken({ token: 't', subject: 'ada' });

it('trusts no token that no guard of this application has verified', () => {
  const auth = token();
  expect(carriedToken({ headers: {}, auth })).toBeUndefined();
  expect(carriedToken({ headers: {}, raw: { auth } })).toBeUndefined();
});

it('trusts one that was vouched for, on the request of either adapter', () => {
  const auth = token();
  vouchFor(auth);
  expect(carriedToken({ headers: {}, auth })).toBe(auth);
  expect(carriedToken({ headers: {}, raw: { auth } })).toBe(auth);
  expect(carriedToken({ headers: {}, auth: token() })).toBeUndefined();
});

it.each([undefined, null, 'ada', { subject: 'ada' }])(
  'takes %j for nobody',
  (auth) => {
    expect(carriedToken({ headers: {}, auth })).toBeUndefined();
  },
);
