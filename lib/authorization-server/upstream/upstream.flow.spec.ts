import { jest } from '@jest/globals';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import { OAuthBrowser } from '../../../test/support/oauth-browser.js';
import {
  startUpstreamProvider,
  UPSTREAM_CLIENT,
  type UpstreamServer,
} from '../../../test/support/upstream-provider.js';
import { MemoryOAuthStore } from '../storage/memory.store.js';
import { Sealer } from '../../secrets/sealer.js';
import type { UpstreamSource } from './upstream.provider.js';
import { StoredUpstreamTokens } from './stored-upstream-tokens.js';
import { createUpstream } from './upstream.flow.js';
import { UpstreamFlow } from './upstream.flow.js';

const REDIRECT_URI = 'http://127.0.0.1:49152/oauth/callback';
const begun = {
  interaction: 'interaction-1',
  browser: 'cookie-of-the-browser',
  redirectUri: REDIRECT_URI,
};
const refused = (reason: string) => ({
  name: 'UpstreamRefusedError',
  message: expect.stringContaining(reason),
});

let server: UpstreamServer;
let store: MemoryOAuthStore;
let flow: UpstreamFlow;
let tokens: StoredUpstreamTokens;
let source: UpstreamSource;

beforeAll(async () => {
  for (const method of ['info', 'warn'] as const) {
    jest.spyOn(console, method).mockImplementation(() => undefined);
  }
  server = await startUpstreamProvider([REDIRECT_URI]);
});
afterAll(async () => {
  await server.close();
  jest.restoreAllMocks();
});
beforeEach(() => {
  server.isDown = false;
  store = new MemoryOAuthStore();
  source = {
    issuer: 'https://api.example.com',
    provider: createUpstream({
      issuer: server.issuer,
      ...UPSTREAM_CLIENT,
      scopes: ['openid', 'profile', 'offline_access'],
    }),
    store,
    sealer: new Sealer(['a-secret-of-32-characters-or-more'], 'upstream'),
    tokenLifetime: 3600,
  };
  tokens = new StoredUpstreamTokens(() => source);
  flow = new UpstreamFlow(source, tokens);
});
afterEach(releaseTime);

/** Logs Ada in at the provider, and comes back. */
async function callbackOf(url: URL): Promise<URL> {
  return (await new OAuthBrowser('ada').visit(url)).callback;
}

const codeRequests = () =>
  server.requests.filter((line) => line === 'POST /token').length;

it('tells who logged in, for what, and keeps the tokens of the person', async () => {
  const callback = await callbackOf(await flow.begin(begun));
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toEqual({
    interaction: 'interaction-1',
    person: { subject: 'ada', displayName: 'ADA' },
  });
  const token = await tokens.get('ada');
  const userInfo = await fetch(`${server.issuer}/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await expect(userInfo.json()).resolves.toMatchObject({ sub: 'ada' });
});

it('makes state, nonce and PKCE pair anew for each login', async () => {
  const [a, b] = [await flow.begin(begun), await flow.begin(begun)];
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const value = a.searchParams.get(name);
    expect(value).toMatch(/^[\w-]{43}$/);
    expect(b.searchParams.get(name)).not.toBe(value);
  }
});

it('keeps logins under a hash of state, sealed, for ten minutes', async () => {
  const set = jest.spyOn(store, 'set');
  const url = await flow.begin(begun);
  expect(set.mock.calls).toEqual([
    [
      expect.stringMatching(/^upstream:login:[\w-]{43}$/),
      expect.stringMatching(/^[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/),
      600,
      'pending',
    ],
  ]);
  const state = url.searchParams.get('state')!;
  expect(JSON.stringify(set.mock.calls)).not.toContain(state);
  freezeTime(Date.now());
  const callback = await callbackOf(url);
  passSeconds(601);
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).rejects.toMatchObject(refused('unknown, has expired'));
});

it('refuses a replayed callback without asking the provider', async () => {
  const callback = await callbackOf(await flow.begin(begun));
  await flow.finish({ callback, browser: begun.browser });
  const before = codeRequests();
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).rejects.toMatchObject(refused('used before'));
  expect(codeRequests()).toBe(before);
});

it('lets one of several at once come through', async () => {
  const callback = await callbackOf(await flow.begin(begun));
  const before = codeRequests();
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      flow.finish({ callback, browser: begun.browser }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(
    1,
  );
  expect(codeRequests()).toBe(before + 1);
});

it.each([
  ['another browser', 'cookie-of-another'],
  ['a browser without the cookie', undefined],
  ['a browser with an empty cookie', ''],
])('refuses %s, and with it the login', async (_what, browser) => {
  const callback = await callbackOf(await flow.begin(begun));
  const before = codeRequests();
  await expect(flow.finish({ callback, browser })).rejects.toMatchObject(
    refused('another browser'),
  );
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).rejects.toMatchObject(refused('used before'));
  expect(codeRequests()).toBe(before);
  await expect(tokens.get('ada')).resolves.toBeNull();
});

it('does not begin a login that any browser could end', async () => {
  await expect(flow.begin({ ...begun, browser: '' })).rejects.toThrow(
    'browser is empty',
  );
});

it.each<[string, (query: URLSearchParams) => void, string]>([
  ['a foreign state', (q) => q.set('state', 'foreign'), 'unknown'],
  ['no state', (q) => q.delete('state'), 'not exactly one'],
  ['an empty state', (q) => q.set('state', ''), 'not exactly one'],
  ['two states', (q) => q.append('state', q.get('state')!), 'not exactly one'],
])('refuses %s, and leaves the login as it is', async (_what, change, why) => {
  const callback = await callbackOf(await flow.begin(begun));
  const changed = new URL(callback);
  change(changed.searchParams);
  await expect(
    flow.finish({ callback: changed, browser: begun.browser }),
  ).rejects.toMatchObject(refused(why));
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toMatchObject({ person: { subject: 'ada' } });
});

it('refuses a code that was made for another login of the same browser', async () => {
  const [first, second] = [await flow.begin(begun), await flow.begin(begun)];
  const callback = await callbackOf(first);
  callback.searchParams.set('state', second.searchParams.get('state')!);
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toMatchObject({ failure: refused('invalid_grant') });
});

it('refuses a login of another server on the same store, and leaves it', async () => {
  const other = { ...source, issuer: 'https://other.example.com' };
  const callback = await callbackOf(await flow.begin(begun));
  await expect(
    new UpstreamFlow(other, tokens).finish({
      callback,
      browser: begun.browser,
    }),
  ).rejects.toMatchObject(refused('unknown'));
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toMatchObject({ interaction: 'interaction-1' });
});

it('tells what the login was for where the person says no at the provider', async () => {
  const { searchParams } = await flow.begin(begun);
  const callback = new URL(REDIRECT_URI);
  callback.search = new URLSearchParams({
    error: 'access_denied',
    state: searchParams.get('state')!,
    iss: server.issuer,
  }).toString();
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toMatchObject({
    interaction: 'interaction-1',
    failure: { ...refused('access_denied'), code: 'access_denied' },
  });
});

it('is unavailable while the provider is, at the begin and at the end', async () => {
  const set = jest.spyOn(store, 'set');
  server.isDown = true;
  await expect(flow.begin(begun)).rejects.toMatchObject({
    name: 'UpstreamUnavailableError',
  });
  expect(set).not.toHaveBeenCalled();
  server.isDown = false;
  freezeTime(Date.now());
  passSeconds(6);
  const callback = await callbackOf(await flow.begin(begun));
  server.isDown = true;
  await expect(
    flow.finish({ callback, browser: begun.browser }),
  ).resolves.toMatchObject({
    interaction: 'interaction-1',
    failure: { name: 'UpstreamUnavailableError' },
  });
});
