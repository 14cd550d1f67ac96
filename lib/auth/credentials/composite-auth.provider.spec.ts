import { AccessToken, type AccessTokenInit } from '../token/access-token.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { McpAuthProvider } from './auth.provider.js';
import { CompositeAuthProvider } from './composite-auth.provider.js';

class Answering extends McpAuthProvider {
  prepared = 0;

  constructor(private readonly answer: () => AccessToken | null) {
    super();
  }

  /** Throws at once, as a method that is not async may. */
  authenticate(): Promise<AccessToken | null> {
    return Promise.resolve(this.answer());
  }

  override prepare(): Promise<void> {
    this.prepared++;
    return Promise.resolve();
  }
}

const caller = (init: Partial<AccessTokenInit> = {}) =>
  new AccessToken({ token: 't', subject: 'ada', ...init });
const knows = (init?: Partial<AccessTokenInit>) =>
  new Answering(() => caller(init));
const nobody = new Answering(() => null);
const throwing = (error: unknown) =>
  new Answering(() => {
    throw error;
  });
const bad = throwing(new InvalidTokenError('signature'));
const down = throwing(new VerifierUnavailableError('down'));
const ask = (...providers: McpAuthProvider[]) =>
  new CompositeAuthProvider(providers).authenticate({ headers: {} });

it.each([
  ['the first', [knows(), nobody]],
  ['the last', [nobody, nobody, knows()]],
  ['one, while another is down', [down, knows()]],
  ['two that agree', [knows({ issuer: 'i' }), knows({ issuer: 'i' })]],
  [
    'two that agree on a client without a user',
    [
      knows({ subject: undefined, clientId: 'robot' }),
      knows({ subject: undefined, clientId: 'robot' }),
    ],
  ],
])('takes the caller that %s knows', async (_, providers) => {
  expect(AccessToken.is(await ask(...providers))).toBe(true);
});

it('is null where nobody finds credentials', async () => {
  expect(await ask(nobody, nobody)).toBeNull();
});

it.each<[string, Partial<AccessTokenInit>, Partial<AccessTokenInit>]>([
  ['subjects', { subject: 'ada' }, { subject: 'grace' }],
  ['issuers', { issuer: 'a' }, { issuer: 'b' }],
  ['issuers, one unknown', { issuer: 'a' }, {}],
  ['clients', { clientId: 'a' }, { clientId: 'b' }],
  ['names at all', { subject: undefined }, { subject: undefined }],
])('refuses two callers of different %s, in any order', async (_, a, b) => {
  for (const pair of [
    [knows(a), knows(b)],
    [knows(b), knows(a)],
    [knows(a), nobody, knows(a), knows(b)],
  ]) {
    await expect(ask(...pair)).rejects.toThrow(InvalidTokenError);
  }
});

it('passes on why credentials were bad', async () => {
  await expect(ask(nobody, bad)).rejects.toMatchObject({ reason: 'signature' });
  await expect(ask(throwing(undefined))).rejects.toBeUndefined();
});

it('passes on an outage before anything else, as another answer may follow it', async () => {
  for (const providers of [
    [bad, down],
    [down, bad],
    [nobody, down],
  ]) {
    await expect(ask(...providers)).rejects.toThrow(VerifierUnavailableError);
  }
});

it('prepares every provider', async () => {
  const providers = [knows(), knows()];
  await new CompositeAuthProvider(providers).prepare();
  expect(providers.map(({ prepared }) => prepared)).toEqual([1, 1]);
});

it('refuses an empty list', () => {
  expect(() => new CompositeAuthProvider([])).toThrow('Name at least one');
});
