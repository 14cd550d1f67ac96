import { MemoryOAuthStore } from '../storage/memory.store.js';
import {
  RememberedConsents,
  type ConsentTerms,
} from './remembered-consents.js';

const terms: ConsentTerms = {
  subject: 'ada',
  clientId: 'client',
  redirectUri: 'http://127.0.0.1:4000/cb',
  resource: 'https://api.example/mcp',
};

describe('RememberedConsents', () => {
  let memory: RememberedConsents;

  beforeEach(async () => {
    memory = new RememberedConsents(new MemoryOAuthStore(), 60, 60);
    await memory.remember(terms, ['read', 'write']);
  });

  it.each([
    ['the same', {}],
    ['another port of loopback', { redirectUri: 'http://127.0.0.1:4001/cb' }],
    ['no port of loopback', { redirectUri: 'http://127.0.0.1/cb' }],
  ])('covers %s', async (_, change) => {
    expect(await memory.covers({ ...terms, ...change }, ['read'])).toBe(true);
  });

  it.each([
    ['another person', { subject: 'bob' }],
    ['another client', { clientId: 'other' }],
    ['another host', { redirectUri: 'http://localhost:4000/cb' }],
    ['another path', { redirectUri: 'http://127.0.0.1:4000/x' }],
    ['another query', { redirectUri: 'http://127.0.0.1:4000/cb?x=1' }],
    ['another scheme', { redirectUri: 'https://127.0.0.1:4000/cb' }],
    ['another resource', { resource: 'https://api.example/other' }],
    [
      'a client and a subject that only add up to the same',
      { subject: 'adac', clientId: 'lient' },
    ],
  ])('does not cover %s', async (_, change) => {
    expect(await memory.covers({ ...terms, ...change }, ['read'])).toBe(false);
  });

  it('covers one URI, whatever it shares with others', async () => {
    const places = [
      'https://a.example/cb',
      'https://a.example:8443/cb',
      'https://a.example/cb/',
      'https://a.example/CB',
      'https://a.example/cb?tenant=b',
      'app://a/cb',
      'app://a/other',
      'app://b/cb',
    ];
    for (const redirectUri of places) {
      const own = new RememberedConsents(new MemoryOAuthStore(), 60, 60);
      await own.remember({ ...terms, redirectUri }, ['read']);
      const covered = await Promise.all(
        places.map((place) =>
          own.covers({ ...terms, redirectUri: place }, ['read']),
        ),
      );
      expect(covered).toEqual(places.map((place) => place === redirectUri));
    }
  });

  it('covers fewer scopes, not more, and never none', async () => {
    expect(await memory.covers(terms, ['write', 'read'])).toBe(true);
    expect(await memory.covers(terms, ['read', 'admin'])).toBe(false);
    expect(await memory.covers(terms, [])).toBe(false);
  });

  it('remembers nothing with a lifetime of 0', async () => {
    const none = new RememberedConsents(new MemoryOAuthStore(), 0, 60);
    await none.remember(terms, ['read']);
    expect(await none.covers(terms, ['read'])).toBe(false);
  });
});
