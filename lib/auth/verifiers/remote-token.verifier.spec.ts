import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../../test/support/loopback-server.js';
import {
  RemoteTokenVerifier,
  type RemoteVerifierOptions,
} from './remote-token.verifier.js';

let server: LoopbackServer;

beforeEach(async () => {
  server = await startLoopbackServer();
  server.routes.set('/verify', { json: { user_id: 'ada', scope: 'read' } });
});
afterEach(() => server.close());

const verifier = (options: Partial<RemoteVerifierOptions> = {}) =>
  new RemoteTokenVerifier({
    url: `${server.origin}/verify`,
    audience: false,
    ...options,
  });

describe('RemoteTokenVerifier', () => {
  it('posts the token as JSON, with the headers given', async () => {
    await verifier({ headers: { 'X-Service-Key': 'k' } }).verify('a"b');
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"token":"a\\"b"}',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-service-key': 'k',
      },
    });
  });

  it('turns the claims of the answer into a token', async () => {
    server.routes.set('/verify', {
      json: { user_id: 'ada', scope: 'read', roles: ['x'], groups: ['y'] },
    });
    expect(await verifier().verify('t')).toMatchObject({
      token: 't',
      subject: 'ada',
      scopes: ['read'],
      roles: ['x'],
    });
    expect(
      await verifier({ claims: { roles: 'groups' } }).verify('t'),
    ).toMatchObject({ roles: ['y'] });
  });

  it.each([
    { status: 401 },
    { status: 403, json: { user_id: 'ada' } },
    { status: 404 },
    { json: false },
    { json: { active: false, user_id: 'ada' } },
    { json: { active: 'false', user_id: 'ada' } },
    { json: { active: 0, user_id: 'ada' } },
    { json: { active: null, user_id: 'ada' } },
    { json: { active: 'true', user_id: 'ada' } },
    { json: { valid: false, user_id: 'ada' } },
    { json: { active: true, valid: 'no', user_id: 'ada' } },
    { json: { error: 'invalid_token' } },
    { json: { active: true, error: { code: 401 }, user_id: 'ada' } },
    { json: { user_id: 'ada', exp: 1 } },
    { json: { user_id: 'ada', expires_at: '2001-01-01' } },
  ])('takes %j for a bad token', async (reply) => {
    server.routes.set('/verify', reply);
    expect(await verifier().verify('t')).toBeNull();
  });

  it.each([
    { exp: null },
    { exp: '99999' },
    { exp: '2099-01-01' },
    { nbf: null },
    { nbf: '0' },
    { expires_at: '99999' },
  ])('refuses %j, which is no time', async (times) => {
    server.routes.set('/verify', { json: { user_id: 'ada', ...times } });
    await expect(verifier().verify('t')).rejects.toMatchObject({
      name: 'InvalidTokenError',
      reason: 'claims',
    });
  });

  it.each([
    {},
    { success: false },
    { message: 'Unauthorized' },
    { status: 401, exp: 4_102_444_800 },
    { user: null, sub: '', scope: '' },
  ])('refuses %j, which tells of nobody', async (json) => {
    server.routes.set('/verify', { json });
    await expect(verifier().verify('t')).rejects.toMatchObject({
      name: 'InvalidTokenError',
      reason: 'claims',
    });
  });

  it.each([
    { active: true },
    { valid: true },
    { client_id: 'cli' },
    { scope: 'read' },
    { roles: ['x'] },
  ])('takes %j, which is enough, for a good one', async (json) => {
    server.routes.set('/verify', { json });
    expect(await verifier().verify('t')).toMatchObject({ token: 't' });
  });

  it.each([
    { active: true, valid: true, error: null },
    { expires_at: null },
    { exp: 4_102_444_800, nbf: 0 },
  ])('takes %j for a good one', async (more) => {
    server.routes.set('/verify', { json: { user_id: 'ada', ...more } });
    expect(await verifier().verify('t')).toMatchObject({ subject: 'ada' });
  });

  it.each([
    { status: 400 },
    { status: 201, json: { user_id: 'ada' } },
    { status: 302, headers: { location: '/verified' } },
    { status: 429 },
    { status: 500 },
    { status: 500, json: false },
    { text: '' },
    { text: 'ok' },
    { json: true },
    { json: null },
    { json: ['ada'] },
    { json: 'ada' },
    'drop',
    'hang',
  ] as const)('takes %j for an outage', async (reply) => {
    server.routes.set('/verify', reply);
    server.routes.set('/verified', { json: { user_id: 'eve' } });
    await expect(verifier({ timeout: 50 }).verify('t')).rejects.toMatchObject({
      name: 'VerifierUnavailableError',
    });
    expect(server.count('/verified')).toBe(0);
  });

  it('waits for the timeout, and 10 seconds by default', async () => {
    server.routes.set('/verify', async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { json: { user_id: 'ada' } };
    });
    await expect(verifier().verify('t')).resolves.toMatchObject({
      subject: 'ada',
    });
    await expect(verifier({ timeout: 20 }).verify('t')).rejects.toMatchObject({
      cause: { failure: 'timeout' },
    });
  });

  it('compares aud where audience is given (RFC 8707)', async () => {
    const bound = verifier({ audience: 'api' });
    await expect(bound.verify('t')).rejects.toMatchObject({
      reason: 'audience',
    });
    server.routes.set('/verify', { json: { sub: 'ada', aud: ['api', 'x'] } });
    await expect(bound.verify('t')).resolves.toMatchObject({ resource: 'api' });
  });

  it('compares nothing where audience is left out', async () => {
    await expect(
      verifier({ audience: undefined }).verify('t', { audience: ['api'] }),
    ).resolves.toMatchObject({ subject: 'ada', resource: undefined });
  });

  it('tells how tokens are bound: not at all, unless audience is written', () => {
    expect(verifier({ audience: undefined }).audienceBinding).toBe('none');
    expect(verifier({ audience: false }).audienceBinding).toBe('waived');
    expect(verifier({ audience: 'api' }).audienceBinding).toBe('claim');
  });

  it('does not start without a URL, with credentials in it, or with an empty audience', () => {
    expect(() => verifier({ audience: '' })).toThrow(
      'RemoteTokenVerifier: audience is empty',
    );
    expect(() => verifier({ url: 'auth/verify' })).toThrow(
      'RemoteTokenVerifier: url is no absolute http(s) URL',
    );
    expect(() => verifier({ url: 'https://u:hunter2@a.example' })).toThrow(
      /^(?!.*hunter2).*has a user name or password/,
    );
  });
});
