import { VerifierUnavailableError } from '../../lib/auth/token/token.errors.js';
import { Journal } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { readChallenge } from '../support/auth-challenge.js';
import { createIssuer, now, type TestIssuer } from '../support/auth-issuer.js';
import {
  CountingVerifier,
  ScriptedVerifier,
} from '../support/auth-verifiers.js';
import {
  ERAS,
  post,
  rpc,
  rpcBody,
  rpcHeaders,
  type RpcAnswer,
} from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';

type Booted = Awaited<ReturnType<typeof bootProtected>>;

const METADATA =
  'https://api.example.com/.well-known/oauth-protected-resource/mcp';
const REFUSED =
  'The access token is invalid, expired or not meant for this server';

/** Every kind of request that a client may send, and the protocol's own GET and DELETE. */
const REQUESTS: readonly (readonly [
  string,
  (
    url: string,
    headers: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; text: string }>,
])[] = [
  ...ERAS.flatMap((era) =>
    (era === 'modern'
      ? [
          'tools/list',
          'tools/call',
          'server/discover',
          'subscriptions/listen',
          'no/such/method',
        ]
      : ['tools/list', 'tools/call', 'initialize', 'ping', 'no/such/method']
    ).map(
      (method) =>
        [
          `${method} (${era})`,
          (url: string, headers: Record<string, string>) =>
            rpc(
              url,
              era,
              method,
              method === 'tools/call'
                ? { name: 'notes_read', arguments: {} }
                : {},
              { headers },
            ),
        ] as const,
    ),
  ),
  [
    'a notification',
    (url, headers) =>
      post(
        url,
        JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
        { ...rpcHeaders('legacy', 'ping', {}), ...headers },
      ),
  ],
  [
    'a batch',
    (url, headers) =>
      post(
        url,
        JSON.stringify(
          [1, 2].map((id) => rpcBody('legacy', 'tools/list', {}, { id })),
        ),
        { ...rpcHeaders('legacy', 'tools/list', {}), ...headers },
      ),
  ],
  [
    'a body that is no message',
    (url, headers) =>
      post(url, '[]', { 'content-type': 'application/json', ...headers }),
  ],
  ...['GET', 'DELETE', 'PUT', 'PATCH'].map(
    (method) =>
      [
        method,
        async (url: string, headers: Record<string, string>) => {
          const response = await fetch(url, {
            method,
            headers: { accept: 'text/event-stream', ...headers },
          });
          return {
            status: response.status,
            headers: response.headers,
            text: await response.text(),
          };
        },
      ] as const,
  ),
];

describe.each(ADAPTERS)('the door of a protected server on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: Booted;
  let journal: Journal;
  let verifier: CountingVerifier;

  beforeAll(async () => {
    issuer = await createIssuer();
    verifier = new CountingVerifier(issuer.verifier);
    booted = await bootProtected(adapter, {
      verifier,
      authorizationServers: [issuer.issuer],
      requiredScopes: ['notes:use', 'offline_access'],
    });
    journal = booted.app.get(Journal, { strict: false });
  });
  beforeEach(() => void journal.ran.splice(0));
  afterAll(() => booted?.close());

  const call = (headers: Record<string, string>): Promise<RpcAnswer> =>
    rpc(
      booted.endpoint,
      'modern',
      'tools/call',
      { name: 'notes_read', arguments: {} },
      { headers },
    );

  const good = () => issuer.bearer({ scope: 'notes:use offline_access' });

  const expectBareChallenge = (answer: {
    status: number;
    headers: Headers;
    text: string;
  }) => {
    expect(answer.status).toBe(401);
    expect(readChallenge(answer.headers.get('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: { scope: 'notes:use', resource_metadata: METADATA },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(JSON.parse(answer.text)).toEqual({
      error: 'unauthorized',
      error_description: 'Authentication required',
    });
    expect(journal.ran).toEqual([]);
  };

  const expectInvalidToken = (answer: {
    status: number;
    headers: Headers;
    text: string;
  }) => {
    expect(answer.status).toBe(401);
    expect(readChallenge(answer.headers.get('www-authenticate'))).toEqual({
      scheme: 'Bearer',
      parameters: {
        error: 'invalid_token',
        error_description: REFUSED,
        scope: 'notes:use',
        resource_metadata: METADATA,
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(JSON.parse(answer.text)).toEqual({
      error: 'invalid_token',
      error_description: REFUSED,
    });
    expect(journal.ran).toEqual([]);
  };

  it('lets a good token in', async () => {
    const answer = await call(await good());
    expect(answer.status).toBe(200);
    expect(answer.response?.result?.['structuredContent']).toMatchObject({
      subject: 'ada',
    });
    expect(journal.ran).toEqual(['read']);
  });

  describe.each(REQUESTS)('for %s', (_, send) => {
    it('challenges without `error` where nothing was sent, with resource_metadata and scope (RFC 6750 3.1, RFC 9728 5.1)', async () => {
      const asked = verifier.asked;
      expectBareChallenge(await send(booted.endpoint, {}));
      expect(verifier.asked).toBe(asked);
    });

    it('refuses an unknown token as invalid_token (RFC 6750 3.1)', async () => {
      expectInvalidToken(
        await send(booted.endpoint, { authorization: 'Bearer unknown' }),
      );
    });

    it('verifies the token (MCP Authorization, "Token Handling")', async () => {
      const asked = verifier.asked;
      const answer = await send(booted.endpoint, await good());
      expect(verifier.asked).toBe(asked + 1);
      expect([401, 403, 500, 503]).not.toContain(answer.status);
    });
  });

  it.each([
    'Basic YWRhOnNlY3JldA==',
    'DPoPs abc.def',
    'Bearers abc',
    'Bearer\tabc',
    'xBearer abc',
    '',
  ])(
    'takes %j for no bearer credential at all (RFC 6750 2.1)',
    async (authorization) => expectBareChallenge(await call({ authorization })),
  );

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a,b',
    'Bearer "a"',
    'Bearer ä',
    'Bearer =',
    'Bearer a=b',
  ])(
    'refuses %j, which is no b64token, as invalid_token (RFC 6750 2.1)',
    async (authorization) => {
      const asked = verifier.asked;
      expectInvalidToken(await call({ authorization }));
      expect(verifier.asked).toBe(asked);
    },
  );

  it.each(['bearer', 'BEARER', 'bEaReR'])(
    'takes the scheme in any case: %s (RFC 9110 11.1)',
    async (scheme) => {
      const { authorization } = await good();
      expect(
        (await call({ authorization: authorization.replace('Bearer', scheme) }))
          .status,
      ).toBe(200);
    },
  );

  it.each(['AUTHORIZATION', 'Authorization', 'aUtHoRiZaTiOn'])(
    'takes the header name in any case: %s (RFC 9110 5.1)',
    async (name) => {
      const { authorization } = await good();
      const answer = await sendRaw(booted.endpoint, {
        method: 'POST',
        headers: {
          ...rpcHeaders('modern', 'tools/list', {}),
          [name]: authorization,
        },
        body: JSON.stringify(rpcBody('modern', 'tools/list', {})),
      });
      expect(answer.status).toBe(200);
    },
  );

  it.each([true, false])(
    'refuses a token in the query string, with a good one in the header too: %s (RFC 6750 5.3, MCP Authorization "Token Requirements")',
    async (withHeader) => {
      const token = await issuer.token({ scope: 'notes:use offline_access' });
      const asked = verifier.asked;
      const answer = await rpc(
        `${booted.endpoint}?x=1&access%5Ftoken=${token}`,
        'modern',
        'tools/call',
        { name: 'notes_read', arguments: {} },
        { headers: withHeader ? { authorization: `Bearer ${token}` } : {} },
      );
      expect(answer.status).toBe(401);
      expect(
        readChallenge(answer.headers.get('www-authenticate')).parameters,
      ).toMatchObject({
        error: 'invalid_request',
        scope: 'notes:use',
        resource_metadata: METADATA,
      });
      expect(answer.text).not.toContain(token);
      expect(verifier.asked).toBe(asked);
      expect(journal.ran).toEqual([]);
    },
  );

  it('refuses an expired token before the tool runs (RFC 6750 3.1)', async () => {
    expectInvalidToken(
      await call(await issuer.bearer({ scope: 'notes:use', exp: now() - 1 })),
    );
  });

  it('answers 403 insufficient_scope with every scope of the server (RFC 6750 3.1)', async () => {
    const answer = await call(await issuer.bearer({ scope: 'other' }));
    expect(answer.status).toBe(403);
    const { parameters } = readChallenge(
      answer.headers.get('www-authenticate'),
    );
    expect(parameters).toMatchObject({
      error: 'insufficient_scope',
      scope: 'notes:use',
      resource_metadata: METADATA,
    });
    expect(journal.ran).toEqual([]);
  });

  it.each([
    ['Host', 421, { host: 'evil.example' }],
    ['Origin', 403, { origin: 'https://evil.example' }],
  ] as const)(
    'refuses an unlisted %s with %i before any token is looked at (MCP Transports, "Security Warning")',
    async (_, status, headers) => {
      const asked = verifier.asked;
      const answer = await sendRaw(booted.endpoint, {
        method: 'POST',
        headers: {
          ...rpcHeaders('modern', 'tools/list', {}),
          ...(await good()),
          ...headers,
        },
        body: JSON.stringify(rpcBody('modern', 'tools/list', {})),
      });
      expect(answer.status).toBe(status);
      expect(verifier.asked).toBe(asked);
    },
  );

  it('names challengeScopes beside what is needed, where no token is good (MCP Authorization, "Scope Selection")', async () => {
    const server = await bootProtected(adapter, {
      verifier: issuer.verifier,
      requiredScopes: ['notes:use'],
      challengeScopes: ['notes:read', 'notes:write'],
    });
    const scopeFor = async (headers: Record<string, string>) => {
      const answer = await rpc(
        server.endpoint,
        'modern',
        'tools/list',
        {},
        { headers },
      );
      const challenge = answer.headers.get('www-authenticate');
      return [answer.status, readChallenge(challenge).parameters['scope']];
    };
    try {
      const all = 'notes:use notes:read notes:write';
      expect(await scopeFor({})).toEqual([401, all]);
      expect(await scopeFor({ authorization: 'Bearer unknown' })).toEqual([
        401,
        all,
      ]);
      const other = await issuer.bearer({ scope: 'notes:read other' });
      expect(await scopeFor(other)).toEqual([403, 'notes:use notes:read']);
    } finally {
      await server.close();
    }
  });

  it('tells preflights nothing but CORS, without a token (Fetch 3.2.2)', async () => {
    const answer = await sendRaw(booted.endpoint, {
      method: 'OPTIONS',
      headers: { origin: booted.url, 'access-control-request-method': 'POST' },
    });
    expect(answer.status).toBe(204);
    expect(answer.values('access-control-allow-origin')).toEqual([booted.url]);
  });

  it('lets a browser read the challenge (Fetch 3.2.3)', async () => {
    const answer = await sendRaw(booted.endpoint, {
      method: 'POST',
      headers: {
        ...rpcHeaders('modern', 'tools/list', {}),
        origin: booted.url,
      },
      body: '{}',
    });
    expect(answer.status).toBe(401);
    expect(answer.values('access-control-allow-origin')).toEqual([booted.url]);
    expect(answer.values('access-control-expose-headers').join()).toContain(
      'WWW-Authenticate',
    );
    expect(answer.values('www-authenticate')).toHaveLength(1);
  });
});

describe.each(ADAPTERS)(
  'a verifier that fails on %s',
  (adapter: AdapterName) => {
    const SECRET = 'ldap://internal.example:389 said no';
    const thrown: readonly (readonly [string, unknown])[] = [
      ['an error', new Error(SECRET)],
      ['a type error', new TypeError(SECRET)],
      ['text', SECRET],
      ['undefined', undefined],
      ['null', null],
      [
        'an object with a status',
        { status: 500, statusCode: 500, message: SECRET },
      ],
    ];
    const returned: readonly (readonly [string, unknown])[] = [
      ['null', null],
      ['undefined', undefined],
      ['text', 'ada'],
      ['true', true],
      ['a list', [{ sub: 'ada' }]],
      ['claims of an inactive token', { active: false, sub: 'ada' }],
      ['claims that hold only later', { sub: 'ada', nbf: now() + 300 }],
      ['expired claims', { sub: 'ada', exp: now() - 1 }],
      ['an expiry that is no time', { sub: 'ada', exp: 'soon' }],
    ];
    let booted: Booted;
    let script: () => unknown = () => null;

    beforeAll(async () => {
      booted = await bootProtected(adapter, {
        verifier: new ScriptedVerifier(() => script() as never),
        authorizationServers: ['https://login.example.com'],
      });
    });
    afterAll(() => booted?.close());

    const call = () =>
      rpc(
        booted.endpoint,
        'modern',
        'tools/call',
        { name: 'notes_read', arguments: {} },
        { headers: { authorization: 'Bearer opaque-7f3a' } },
      );

    const expectRefusal = async () => {
      const answer = await call();
      expect(answer.status).toBe(401);
      expect(
        readChallenge(answer.headers.get('www-authenticate')).parameters.error,
      ).toBe('invalid_token');
      expect(
        `${answer.text}${JSON.stringify([...answer.headers])}`,
      ).not.toContain('ldap');
      expect(booted.app.get(Journal, { strict: false }).ran).toEqual([]);
    };

    it.each(thrown)(
      'by throwing %s is a 401 without detail (RFC 6750 3.1)',
      async (_, value) => {
        script = () => {
          throw value;
        };
        await expectRefusal();
      },
    );

    it.each(returned)('by returning %s is a 401', async (_, value) => {
      script = () => value;
      await expectRefusal();
    });

    it('for want of its issuer is a 503 with Retry-After and no challenge (RFC 9110 15.6.4)', async () => {
      script = () => {
        throw new VerifierUnavailableError(SECRET, { retryAfter: 7 });
      };
      const answer = await call();
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('7');
      expect(answer.headers.get('www-authenticate')).toBeNull();
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(JSON.parse(answer.text)).toEqual({
        error: 'temporarily_unavailable',
        error_description: 'The access token cannot be verified at the moment',
      });
    });

    it('accepts plain claims, with roles and permissions', async () => {
      script = () => ({ sub: 'grace', scope: 'a b', roles: ['editor'] });
      const answer = await call();
      expect(answer.response?.result?.['structuredContent']).toEqual({
        subject: 'grace',
        scopes: ['a', 'b'],
      });
      booted.app.get(Journal, { strict: false }).ran.splice(0);
    });
  },
);
