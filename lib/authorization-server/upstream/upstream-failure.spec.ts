import {
  startFakeUpstream,
  type FakeUpstream,
} from '../../../test/support/fake-upstream.js';
import type { Reply } from '../../../test/support/loopback-server.js';
import { createUpstream } from './upstream.flow.js';
import { upstreamFailure } from './upstream-failure.js';
import {
  UpstreamRefusedError,
  type UpstreamProvider,
} from './upstream.provider.js';

const SECRET = 'a-s3cret-of-this-client';
const TIMEOUT = 300;
const headers = { 'content-type': 'application/json' };
const leg = {
  redirectUri: 'https://api.example.com/oauth/callback',
  state: 'state',
  nonce: 'nonce',
  codeVerifier: 'v'.repeat(43),
};
const callback = new URL(`${leg.redirectUri}?code=the-code&state=state`);
const stored = { accessToken: 'old', refreshToken: 'the-refresh-token' };

let fake: FakeUpstream;
let provider: UpstreamProvider;
beforeEach(async () => {
  fake = await startFakeUpstream();
  fake.issue(await fake.key.sign(fake.claims()));
  provider = createUpstream({
    issuer: fake.issuer,
    clientId: 'atlas',
    clientSecret: SECRET,
    timeout: TIMEOUT,
  });
});
afterEach(() => fake.close());

/** What is thrown; fails where it takes longer than the timeout allows for. */
async function failure(task: Promise<unknown>): Promise<Error> {
  const begin = Date.now();
  const error = await task.then(
    () => new Error('nothing was thrown'),
    (e: unknown) => e as Error,
  );
  expect(Date.now() - begin).toBeLessThan(10 * TIMEOUT);
  return error;
}

/** Everything that a logger could print of an error. */
function printed(error: unknown): string {
  return error instanceof Error
    ? `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${printed(error.cause)}`
    : String(error);
}

const BROKEN: [string, Reply][] = [
  ['nothing', 'hang'],
  ['a closed connection', 'drop'],
  ['10 MB', { headers, text: `"${'x'.repeat(10 * 1024 * 1024)}"` }],
  ['HTML', { headers: { 'content-type': 'text/html' }, text: '<h1>Hi</h1>' }],
  ['broken JSON', { headers, text: '{"access_token": "up' }],
  ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1/' } }],
  ['500', { status: 500, headers, json: { error: 'server_error' } }],
  ['503 and HTML', { status: 503, text: '<h1>Down</h1>' }],
  ['429', { status: 429, headers, json: { error: 'too_many' } }],
];

describe('a provider that answers with', () => {
  describe.each(BROKEN)('%s', (_what, reply) => {
    it.each(['/token', '/jwks'])('at %s is unavailable', async (path) => {
      fake.routes.set(path, reply);
      await expect(
        failure(provider.redeem(callback, leg)),
      ).resolves.toMatchObject({ name: 'UpstreamUnavailableError' });
    });

    it('to a refresh is unavailable', async () => {
      fake.routes.set('/token', reply);
      await expect(
        failure(provider.refresh(stored, 'ada')),
      ).resolves.toMatchObject({ name: 'UpstreamUnavailableError' });
    });

    it('to discovery is unavailable', async () => {
      fake.routes.set('/.well-known/openid-configuration', reply);
      await expect(
        failure(provider.authorizationUrl(leg)),
      ).resolves.toMatchObject({ name: 'UpstreamUnavailableError' });
    });
  });

  it.each([{}, [], { access_token: 1 }, { access_token: 'a' }, null])(
    '%j as its tokens is unavailable',
    async (json) => {
      fake.routes.set('/token', { headers, json });
      const error = await failure(provider.refresh(stored, 'ada'));
      expect(error.name).toBe('UpstreamUnavailableError');
    },
  );
});

describe('an error of the token endpoint', () => {
  it.each([
    ['invalid_grant', 'UpstreamRefusedError'],
    ['invalid_request', 'UpstreamRefusedError'],
    ['interaction_required', 'UpstreamRefusedError'],
    ['invalid_client', 'UpstreamUnavailableError'],
    ['unauthorized_client', 'UpstreamUnavailableError'],
    ['temporarily_unavailable', 'UpstreamUnavailableError'],
  ])('%s is an %s', async (error, name) => {
    fake.routes.set('/token', { status: 400, headers, json: { error } });
    for (const task of [
      provider.redeem(callback, leg),
      provider.refresh(stored, 'ada'),
    ]) {
      await expect(failure(task)).resolves.toMatchObject({
        name,
        message: expect.stringContaining(error),
      });
    }
  });

  it('as a challenge concerns this client, not the person', async () => {
    fake.routes.set('/token', {
      status: 401,
      headers: { ...headers, 'www-authenticate': 'Basic realm="x"' },
      json: { error: 'invalid_client' },
    });
    const error = await failure(provider.refresh(stored, 'ada'));
    expect(error.name).toBe('UpstreamUnavailableError');
  });

  it('is quoted by its code alone, whatever else is in it', async () => {
    const echo = `${SECRET} the-code the-refresh-token ${leg.codeVerifier}`;
    const bodies = [
      { error: 'invalid_grant', error_description: echo, hint: echo },
      { error: echo },
      { access_token: echo, token_type: 17 },
      { access_token: echo, token_type: 'Bearer', id_token: echo },
    ];
    for (const json of bodies) {
      for (const status of [200, 400]) {
        fake.routes.set('/token', { status, headers, json });
        const errors = [
          await failure(provider.redeem(callback, leg)),
          await failure(provider.refresh(stored, 'ada')),
        ];
        for (const secret of echo.split(' ')) {
          expect(errors.map(printed).join()).not.toContain(secret);
        }
      }
    }
  });
});

describe('an endpoint that metadata puts elsewhere', () => {
  let other: FakeUpstream;
  beforeEach(async () => {
    other = await startFakeUpstream();
  });
  afterEach(() => other.close());

  it('is not asked at a private address of another origin', async () => {
    fake.discover({ token_endpoint: `${other.issuer}/token` });
    const error = await failure(provider.redeem(callback, leg));
    expect(error.name).toBe('UpstreamUnavailableError');
    expect(other.requests).toEqual([]);
  });

  it('is, where private hosts are allowed', async () => {
    fake.discover({ token_endpoint: `${other.issuer}/token` });
    other.issue(await fake.key.sign(fake.claims()));
    const allowing = createUpstream({
      issuer: fake.issuer,
      clientId: 'atlas',
      clientSecret: SECRET,
      allowPrivateHosts: true,
    });
    await expect(allowing.redeem(callback, leg)).resolves.toMatchObject({
      person: { subject: 'ada' },
    });
  });
});

describe('upstreamFailure', () => {
  it('leaves errors as they are that say what they mean', () => {
    const error = new UpstreamRefusedError('no');
    expect(upstreamFailure('Ours', 'the login', error)).toBe(error);
  });

  it.each([new TypeError(SECRET), SECRET, undefined, { code: 17 }])(
    'takes the unknown for an outage, and tells nothing of it: %p',
    (error) => {
      const result = upstreamFailure('Ours', 'the login', error);
      expect(result.name).toBe('UpstreamUnavailableError');
      expect(result.message).toMatch(/^Ours: the login failed\./);
      expect(printed(result)).not.toContain(SECRET);
    },
  );
});
