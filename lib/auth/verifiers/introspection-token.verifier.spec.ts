import { inspect } from 'node:util';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../../test/support/loopback-server.js';
import { ClaimsCache } from './claims-cache.js';
import {
  IntrospectionTokenVerifier,
  type IntrospectionVerifierOptions,
} from './introspection-token.verifier.js';

const NOW = 1_800_000_000;
const good = { active: true, sub: 'ada', scope: 'read write', aud: 'api' };

let server: LoopbackServer;

beforeEach(async () => {
  server = await startLoopbackServer();
  answer(good);
  freezeTime(NOW * 1000);
});
afterEach(async () => {
  releaseTime();
  await server.close();
});

const answer = (json: unknown) => server.routes.set('/introspect', { json });
const asked = () => server.count('/introspect');
const verifier = (options: Partial<IntrospectionVerifierOptions> = {}) =>
  new IntrospectionTokenVerifier({
    introspectionEndpoint: `${server.origin}/introspect`,
    clientId: 'atlas',
    clientSecret: 'hunter2',
    audience: 'api',
    ...options,
  });
const unavailable = { name: 'VerifierUnavailableError' };
const refused = (reason: string) => ({ name: 'InvalidTokenError', reason });

describe('the request (RFC 7662 section 2.1)', () => {
  it('posts the token as a form with a hint, and the headers given', async () => {
    await verifier({ headers: { 'x-tenant': 't' } }).verify('a+b&c=d');
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'x-tenant': 't',
      },
    });
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      token: 'a+b&c=d',
      token_type_hint: 'access_token',
    });
  });

  it('authenticates by client_secret_basic, both parts form-encoded (RFC 6749 section 2.3.1)', async () => {
    await verifier({ clientId: 'a:b c', clientSecret: 'p+ä:%' }).verify('t');
    const { authorization = '' } = server.requests[0]?.headers ?? {};
    expect(authorization).toMatch(/^Basic /);
    expect(Buffer.from(authorization.slice(6), 'base64').toString()).toBe(
      'a%3Ab+c:p%2B%C3%A4%3A%25',
    );
    expect(server.requests[0]?.body).not.toContain('client_');
  });

  it('authenticates by client_secret_post', async () => {
    await verifier({ authMethod: 'client_secret_post' }).verify('t');
    const [request] = server.requests;
    expect(request?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      token: 't',
      token_type_hint: 'access_token',
      client_id: 'atlas',
      client_secret: 'hunter2',
    });
  });

  it.each([
    [{ authMethod: 'none' }, 'authMethod is "none"'],
    [{ clientId: '' }, 'clientId is empty'],
    [{ clientSecret: '' }, 'clientSecret is empty'],
    [
      { introspectionEndpoint: '/introspect' },
      'IntrospectionTokenVerifier: introspectionEndpoint is no absolute http(s) URL',
    ],
    [{ introspectionEndpoint: 'xhttp://a.example/' }, 'is no absolute http(s)'],
    [{ introspectionEndpoint: 'https://:p@a.example/' }, 'has a user name or'],
    [{ introspectionEndpoint: 'ftp://a.example/' }, 'is no absolute http(s)'],
    [{ introspectionEndpoint: 'https://u:p@a.example/' }, 'has a user name or'],
    [{ introspectionEndpoint: 'https://u@a.example/' }, 'has a user name or'],
    [{ audience: '' }, 'audience is empty'],
    [{ cache: { ttl: 0 } }, 'cache.ttl is 0'],
    [{ cache: { ttl: NaN } }, 'cache.ttl is NaN'],
    [{ cache: { ttl: Infinity } }, 'cache.ttl is Infinity'],
    [{ cache: { ttl: 1, maxEntries: -1 } }, 'cache.maxEntries is -1'],
  ])('is not possible with %j', (options, message) => {
    expect(() => verifier(options as object)).toThrow(message);
  });
});

describe('the answer (RFC 7662 section 2.2)', () => {
  it('becomes an access token', async () => {
    answer({ ...good, client_id: 'app', token_type: 'Bearer', exp: NOW + 60 });
    expect(await verifier().verify('t')).toMatchObject({
      token: 't',
      tokenType: 'bearer',
      subject: 'ada',
      clientId: 'app',
      scopes: ['read', 'write'],
      resource: 'api',
      expiresAt: new Date((NOW + 60) * 1000),
    });
  });

  it('is read at the configured claim paths', async () => {
    answer({ ...good, groups: ['editor'] });
    expect(
      await verifier({ claims: { roles: 'groups' } }).verify('t'),
    ).toMatchObject({ roles: ['editor'] });
  });

  it.each([false, undefined, null, 'true', 1, {}])(
    'refuses the token with active: %p',
    async (active) => {
      answer({ ...good, active });
      expect(await verifier().verify('t')).toBeNull();
    },
  );

  it.each([{ error: 'invalid_token' }, { valid: false }])(
    'refuses the token with active: true and %j',
    async (more) => {
      answer({ ...good, ...more });
      expect(await verifier().verify('t')).toBeNull();
    },
  );

  it.each([{ iat: null }, { scope: null }, { client_id: null }])(
    'takes %j for left out: it gives nothing',
    async (more) => {
      answer({ ...good, ...more });
      expect(await verifier().verify('t')).toMatchObject({
        subject: 'ada',
        scopes: 'scope' in more ? [] : ['read', 'write'],
      });
    },
  );

  it.each([{ exp: NOW }, { exp: NOW - 1 }])(
    'refuses the token with %j, whatever the provider says',
    async (times) => {
      answer({ ...good, ...times });
      await expect(verifier().verify('t')).rejects.toMatchObject(
        refused('expired'),
      );
    },
  );

  it.each([
    [{ nbf: NOW + 1 }, 'not_yet_valid'],
    [{ nbf: 'soon' }, 'claims'],
    [{ nbf: null }, 'claims'],
    [{ exp: 'never' }, 'claims'],
    [{ exp: null }, 'claims'],
    [{ exp: '99999' }, 'claims'],
    [{ exp: '4102444800' }, 'claims'],
  ])('refuses the token with %j', async (times, reason) => {
    answer({ ...good, ...times });
    await expect(verifier().verify('t')).rejects.toMatchObject(refused(reason));
  });

  it('is read with clockTolerance', async () => {
    const lenient = verifier({ clockTolerance: 5 });
    answer({ ...good, exp: NOW - 4, nbf: NOW + 5 });
    expect((await lenient.verify('t'))?.isExpired()).toBe(false);
    answer({ ...good, exp: NOW - 5 });
    await expect(lenient.verify('t')).rejects.toMatchObject(refused('expired'));
    answer({ ...good, nbf: NOW + 6 });
    await expect(lenient.verify('t')).rejects.toMatchObject(
      refused('not_yet_valid'),
    );
  });

  it.each([
    { aud: 'other' },
    { aud: undefined },
    { aud: null },
    { aud: ['x'] },
  ])('refuses the token with %j (RFC 8707)', async (changes) => {
    answer({ ...good, ...changes });
    await expect(verifier().verify('t')).rejects.toMatchObject(
      refused('audience'),
    );
  });

  it('is compared with the names of the server without an audience option, and not with audience: false', async () => {
    const bound = verifier({ audience: undefined });
    await expect(
      bound.verify('t', { audience: ['api'] }),
    ).resolves.toMatchObject({ resource: 'api' });
    await expect(bound.verify('t', { audience: ['b'] })).rejects.toMatchObject(
      refused('audience'),
    );
    answer({ ...good, aud: undefined });
    await expect(
      verifier({ audience: false }).verify('t'),
    ).resolves.toMatchObject({ subject: 'ada' });
    expect(bound.audienceBinding).toBe('claim');
    expect(verifier({ audience: false }).audienceBinding).toBe('waived');
  });

  it('must be of the configured issuer', async () => {
    const strict = verifier({ issuer: ['https://a.example', 'https://b'] });
    answer({ ...good, iss: 'https://b' });
    await expect(strict.verify('t')).resolves.toMatchObject({
      issuer: 'https://b',
    });
    for (const iss of ['https://c', undefined, ['https://b']]) {
      answer({ ...good, iss });
      await expect(strict.verify('t')).rejects.toMatchObject(refused('issuer'));
    }
  });

  it('tells the configured issuer, or none', () => {
    expect(verifier({ issuer: 'https://a.example' }).issuers).toEqual([
      'https://a.example',
    ]);
    expect(verifier().issuers).toStrictEqual([]);
  });

  it.each([
    ['api', [{ issuer: 'https://a', audience: ['api'] }]],
    [undefined, [{ issuer: 'https://a' }]],
    [false, []],
  ] as const)(
    'is accepted, with the audience %j, for %j',
    (audience, accepted) => {
      expect(verifier({ issuer: 'https://a', audience }).accepts).toStrictEqual(
        accepted,
      );
    },
  );

  it.each([
    { token_type: 'refresh_token' },
    { token_use: 'refresh_token' },
    { typ: 'Refresh' },
  ])('refuses an active token that is no access token: %j', async (changes) => {
    answer({ ...good, ...changes });
    await expect(verifier().verify('t')).rejects.toMatchObject(refused('kind'));
  });
});

describe('a provider that gives no answer', () => {
  it.each([
    { status: 500 },
    { status: 503 },
    { status: 401, json: { error: 'invalid_client' } },
    { status: 302, headers: { location: '/other' } },
    { text: 'active' },
    { json: [good] },
    'drop',
    'hang',
  ] as const)(
    '(%j) is an outage, not a bad token',
    async (reply) => {
      server.routes.set('/introspect', reply);
      await expect(verifier({ timeout: 50 }).verify('t')).rejects.toMatchObject(
        unavailable,
      );
    },
    4000,
  );
});

describe('the cache', () => {
  const cache = { ttl: 60 };

  it('is off by default', async () => {
    const off = verifier();
    await off.verify('t');
    await off.verify('t');
    expect(asked()).toBe(2);
  });

  it('answers for ttl, and not beyond', async () => {
    const cached = verifier({ cache });
    const first = await cached.verify('t');
    passSeconds(59);
    expect((await cached.verify('t'))?.claims).toEqual(first?.claims);
    expect(asked()).toBe(1);
    passSeconds(1);
    await cached.verify('t');
    expect(asked()).toBe(2);
  });

  it('never answers beyond the expiry of the token', async () => {
    answer({ ...good, exp: NOW + 10 });
    const cached = verifier({ cache });
    await cached.verify('t');
    passSeconds(9);
    await cached.verify('t');
    expect(asked()).toBe(1);
    passSeconds(1);
    answer({ active: false });
    expect(await cached.verify('t')).toBeNull();
    expect(asked()).toBe(2);
  });

  it('keeps tokens apart', async () => {
    const cached = verifier({ cache });
    await cached.verify('t');
    answer({ active: false });
    expect(await cached.verify('T')).toBeNull();
    expect(await cached.verify('t')).not.toBeNull();
  });

  it('never keeps failures: inactive, foreign, or an outage', async () => {
    const cached = verifier({ cache });
    answer({ active: false });
    expect(await cached.verify('t')).toBeNull();
    answer({ ...good, aud: 'other' });
    await expect(cached.verify('t')).rejects.toMatchObject(refused('audience'));
    server.routes.set('/introspect', { status: 500 });
    await expect(cached.verify('t')).rejects.toMatchObject(unavailable);
    answer(good);
    expect(await cached.verify('t')).toMatchObject({ subject: 'ada' });
    expect(asked()).toBe(4);
  });

  it('compares the audience of kept answers, too', async () => {
    const cached = verifier({ cache, audience: undefined });
    await cached.verify('t', { audience: ['api'] });
    await expect(cached.verify('t', { audience: ['b'] })).rejects.toMatchObject(
      refused('audience'),
    );
    expect(asked()).toBe(1);
  });

  it('returns copies, which nobody can change', async () => {
    answer({ ...good, tenant: { id: 1 } });
    const cached = verifier({ cache });
    const first = await cached.verify('t');
    const second = await cached.verify('t');
    expect(second).not.toBe(first);
    expect(second?.claims).not.toBe(first?.claims);
    expect(() => {
      (
        second as unknown as { claims: { tenant: { id: number } } }
      ).claims.tenant.id = 2;
    }).toThrow(TypeError);
    expect((await cached.verify('t'))?.claims.tenant).toEqual({ id: 1 });
  });

  it('counts an answer that came twice as the latest', () => {
    const kept = new ClaimsCache('test', { ttl: 60, maxEntries: 2 });
    for (const token of ['a', 'b', 'a', 'c']) {
      kept.set(token, good);
    }
    expect(['a', 'b', 'c'].map((token) => kept.get(token))).toEqual([
      good,
      undefined,
      good,
    ]);
  });

  it('forgets the least recently used beyond maxEntries', async () => {
    const cached = verifier({ cache: { ttl: 60, maxEntries: 2 } });
    for (const token of ['a', 'b', 'a', 'c']) {
      await cached.verify(token);
    }
    expect(asked()).toBe(3);
    await cached.verify('a');
    await cached.verify('c');
    expect(asked()).toBe(3);
    await cached.verify('b');
    expect(asked()).toBe(4);
  });
});

it('never prints the client secret', () => {
  const print = inspect(verifier(), { depth: 9, showHidden: true });
  expect(print).not.toContain('hunter2');
});
