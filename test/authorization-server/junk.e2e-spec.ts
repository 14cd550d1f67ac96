import { jest } from '@jest/globals';
import { MAIN_TWO } from '../support/adapters.js';
import {
  bootIssuing,
  HandClient,
  type Issuing,
} from '../support/authorization-server.js';
import { startFakeUpstream } from '../support/fake-upstream.js';
import { muteProvider } from '../support/mute-provider.js';
import { PageBrowser } from '../support/page-browser.js';

/** Members of a client (RFC 7591, OpenID Connect Registration), and names that there are none of. */
const CLIENT_MEMBERS = [
  'redirect_uris',
  'token_endpoint_auth_method',
  'grant_types',
  'response_types',
  'client_name',
  'client_uri',
  'logo_uri',
  'scope',
  'contacts',
  'tos_uri',
  'policy_uri',
  'jwks_uri',
  'jwks',
  'software_id',
  'software_version',
  'software_statement',
  'application_type',
  'sector_identifier_uri',
  'subject_type',
  'id_token_signed_response_alg',
  'id_token_encrypted_response_alg',
  'token_endpoint_auth_signing_alg',
  'default_max_age',
  'require_auth_time',
  'default_acr_values',
  'initiate_login_uri',
  'post_logout_redirect_uris',
  'dpop_bound_access_tokens',
  'response_modes',
  'client_id',
  'client_secret',
  'client_secret_expires_at',
  'client_id_issued_at',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  'then',
  '__proto__',
];

/** As JSON text, so that `__proto__` gets there. */
const JUNK_VALUES = [
  'null',
  'true',
  '0',
  '""',
  '"junk"',
  '[null]',
  '[[{}, {}]]',
  '["", {}]',
  '[{"toString": 1}]',
  '{}',
  '{"toString": 1}',
  '{"__proto__": {"x": 1}}',
  '{"constructor": {"prototype": {"x": 1}}}',
  '{"keys": [null, {"kty": {"toString": 1}}]}',
  '{"then": 1, "toJSON": 1}',
  `${'['.repeat(200)}${']'.repeat(200)}`,
  `${'['.repeat(5000)}${']'.repeat(5000)}`,
];

/** Parameters of all endpoints that take a form or a query. */
const PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
  'resource',
  'prompt',
  'max_age',
  'nonce',
  'response_mode',
  'request',
  'request_uri',
  'claims',
  'id_token_hint',
  'login_hint',
  'registration',
  'dpop_jkt',
  'acr_values',
  'authorization_details',
  'mcp_requested_from',
  'grant_type',
  'code',
  'code_verifier',
  'refresh_token',
  'token',
  'token_type_hint',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'csrf',
  'decision',
  'username',
  'password',
  'iss',
  'error',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'then',
];

/** Parameters that one kind of endpoint alone knows; to the others, they are all the same unknown one. */
const ONLY_AT: Readonly<Record<string, readonly string[]>> = {
  GET: [
    'response_type',
    'state',
    'code_challenge',
    'code_challenge_method',
    'prompt',
    'max_age',
    'nonce',
    'response_mode',
    'request',
    'request_uri',
    'claims',
    'id_token_hint',
    'login_hint',
    'registration',
    'dpop_jkt',
    'acr_values',
    'authorization_details',
    'mcp_requested_from',
  ],
  '/oauth/token': [
    'grant_type',
    'code',
    'code_verifier',
    'refresh_token',
    'client_secret',
    'client_assertion',
    'client_assertion_type',
  ],
  '/oauth/revoke': ['token', 'token_type_hint'],
  page: ['csrf', 'decision', 'username', 'password'],
};

/** Where a parameter is sent: a query of the authorization endpoint is GET, the login page is `page`. */
function endpointsOf(name: string): readonly string[] {
  const [only] = Object.entries(ONLY_AT).find(([, names]) =>
    names.includes(name),
  ) ?? [undefined];
  return only === 'GET'
    ? ['GET', '/oauth/authorize']
    : only === undefined
      ? ['GET', '/oauth/authorize', '/oauth/token', '/oauth/revoke', 'page']
      : [only];
}

/** What is put in place of, or beside, a parameter's value. */
const VARIANTS = (name: string, value: string): readonly string[] => [
  `${name}=${value}&${name}=${value}`,
  `${name}[]=${value}`,
  `${name}[__proto__]=${value}`,
  `${name}[toString]=1`,
  `${name}=`,
  `${name}=%ff`,
  `${name}=__proto__`,
  `${name}=%5B%5B%7B%7D%5D%5D`,
  `${name}=${'x'.repeat(3000)}`,
];

const FORM = 'application/x-www-form-urlencoded';

const ENDPOINTS = [
  '/oauth/authorize',
  '/oauth/authorize/uid',
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/introspect',
  '/oauth/register',
  '/oauth/interaction/uid',
  '/oauth/callback',
  '/oauth/jwks',
  '/.well-known/oauth-authorization-server',
];

const UIDS = [
  '__proto__',
  'constructor',
  'toString',
  '%00',
  '%2e%2e',
  'a'.repeat(2000),
  '%F0%9F%98%80',
];

const CREDENTIALS = [
  'Basic',
  'Basic =',
  'Basic %',
  `Basic ${Buffer.from(':').toString('base64')}`,
  `Basic ${Buffer.from('%:%').toString('base64')}`,
  `Basic ${Buffer.from('__proto__:constructor').toString('base64')}`,
  `Basic ${Buffer.from('a\u0000:b').toString('base64')}`,
  `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
  `Basic ${'A'.repeat(5000)}`,
  'Bearer',
  'DPoP x',
  ',,,',
];

/** Bodies that are no form, or no form that anybody sends. */
const BODIES: readonly (readonly [type: string | undefined, text: string])[] = [
  [FORM, '__proto__'],
  [FORM, '__proto__=1&__proto__=2'],
  [FORM, '__proto__[x]=1&__proto__[toString]=2'],
  [FORM, 'constructor[prototype][x]=1'],
  [FORM, 'hasOwnProperty=1&toString=1&valueOf=1'],
  [FORM, '=&&&==&%'],
  [`${FORM}; charset=utf-16`, 'a=b'],
  [`${FORM}; charset=nonsense`, 'a=b'],
  ['application/json', 'null'],
  ['application/json', '1'],
  ['application/json', '"text"'],
  ['application/json', '[]'],
  ['application/json', '[[[]]]'],
  ['application/json', '{'],
  ['application/json', '{"__proto__": {"x": 1}}'],
  ['application/json', '{"client_id": {"toString": 1}}'],
  ['application/json', '{"client_id": ["a"], "token": {"length": 1}}'],
  ['application/json', `${'['.repeat(20_000)}${']'.repeat(20_000)}`],
  ['application/json; charset=utf-7', '{}'],
  ['text/plain', 'a=b'],
  ['multipart/form-data; boundary=x', '--x--'],
  ['multipart/form-data', 'x'],
  ['nonsense', 'a=b'],
  ['', 'a=b'],
  [undefined, 'a=b'],
];

type Junk = readonly [name: string, url: string, init?: RequestInit];

const post = (body: string, type = FORM): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': type },
  body,
});

// Thousands of requests take their time on a busy machine.
jest.setTimeout(120_000);

/** What was answered with a status above 499, or logged as an error. */
async function failuresOf(
  { logger }: Issuing,
  requests: readonly Junk[],
): Promise<string[]> {
  const failures: string[] = [];
  const waiting = [...requests];
  logger.lines.length = 0;
  const send = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [name, url, init] = next;
      const { status } = await fetch(url, { redirect: 'manual', ...init });
      if (status >= 500) {
        failures.push(`${status} ${name.slice(0, 120)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, send));
  return [...failures, ...logger.of('error')];
}

describe.each(MAIN_TWO)('junk at the OAuth endpoints on %s', (adapter) => {
  let server: Issuing;
  let client: HandClient;

  beforeAll(async () => {
    muteProvider();
    server = await bootIssuing(adapter);
    client = new HandClient(server.issuer, server.endpoint);
    await client.register();
  });
  afterAll(async () => {
    jest.restoreAllMocks();
    await server?.close();
  });

  it('finds client members of a wrong type', async () => {
    const requests = CLIENT_MEMBERS.flatMap((member) =>
      JUNK_VALUES.map((value): Junk => {
        const body = `{"redirect_uris": ["http://127.0.0.1/cb"], "token_endpoint_auth_method": "none", ${JSON.stringify(member)}: ${value}}`;
        const url = `${server.issuer}/oauth/register`;
        return [`${member}: ${value}`, url, post(body, 'application/json')];
      }),
    );
    expect(await failuresOf(server, requests)).toEqual([]);
  });

  it.each([
    ['token_endpoint_auth_signing_alg', [[{}, {}]], 'invalid_client_metadata'],
    ['token_endpoint_auth_method', ['none'], 'invalid_client_metadata'],
    ['grant_types', 'authorization_code', 'invalid_client_metadata'],
    ['client_name', { en: 'x' }, 'invalid_client_metadata'],
    ['scope', ['read'], 'invalid_client_metadata'],
    ['redirect_uris', [[]], 'invalid_redirect_uri'],
  ])('names the member: %s as %j', async (member, value, error) => {
    const response = await client.register({ [member]: value });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error,
      error_description: `${member} has a wrong type`,
    });
  });

  it('finds parameters that are given twice, as lists, or as objects', async () => {
    const valid = client.authorizationUrl().searchParams;
    for (const [name, value] of [
      ['grant_type', 'authorization_code'],
      ['code', 'x'],
      ['code_verifier', client.verifier],
      ['token', 'x'],
      ['csrf', 'x'],
    ] as const) {
      valid.set(name, value);
    }
    const page = await new PageBrowser().open(client.authorizationUrl());
    const requests = PARAMETERS.flatMap((name) =>
      VARIANTS(name, valid.get(name) ?? 'x').flatMap((variant): Junk[] => {
        const rest = new URLSearchParams(valid);
        rest.delete(name);
        const text = `${rest.toString()}&${variant}`;
        return endpointsOf(name).map((endpoint) =>
          endpoint === 'GET'
            ? [`GET ${variant}`, `${server.issuer}/oauth/authorize?${text}`]
            : [
                `POST ${endpoint} ${variant}`,
                `${server.issuer}${endpoint === 'page' ? page.url.pathname : endpoint}`,
                post(text),
              ],
        );
      }),
    );
    expect(await failuresOf(server, requests)).toEqual([]);
  });

  it('finds bodies that are no form, at every endpoint', async () => {
    const requests = ENDPOINTS.flatMap((path): Junk[] => {
      const url = `${server.issuer}${path}`;
      return [
        ...BODIES.flatMap(([type, text]) =>
          ['POST', 'PUT'].map((method): Junk => {
            const body = type === undefined ? Buffer.from(text) : text;
            const headers: Record<string, string> =
              type === undefined ? {} : { 'content-type': type };
            const init = { method, headers, body };
            return [`${method} ${path} ${type} ${text}`, url, init];
          }),
        ),
        ...['GET', 'HEAD', 'OPTIONS', 'POST', 'PATCH', 'DELETE'].map(
          (method): Junk => [`${method} ${path}`, url, { method }],
        ),
      ];
    });
    expect(await failuresOf(server, requests)).toEqual([]);
  });

  it.each(['/oauth/register', '/oauth/revoke'])(
    'answers 400 to a body that nests too deep, at %s, whether its length is told or not',
    async (path) => {
      const body = `{"client_id": ${'['.repeat(5000)}${']'.repeat(5000)}}`;
      const chunked = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(body));
          controller.close();
        },
      });
      for (const sent of [body, chunked]) {
        const response = await fetch(`${server.issuer}${path}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: sent,
          duplex: 'half',
        } as RequestInit);
        expect(response.status).toBe(400);
      }
    },
  );

  it('finds names of interactions that there are none of', async () => {
    const requests = UIDS.flatMap((uid) => {
      const cookie = ['mcp-interaction', 'mcp-resume', 'mcp-session']
        .map((name) => `${name}=${uid}; ${name}.sig=x`)
        .join('; ');
      return ['interaction', 'authorize'].flatMap((place) =>
        ['GET', 'POST'].map((method): Junk => [
          `${method} ${place} ${uid}`,
          `${server.issuer}/oauth/${place}/${uid}`,
          { method, headers: { cookie } },
        ]),
      );
    });
    expect(await failuresOf(server, requests)).toEqual([]);
  });

  it('finds credentials that cannot be read', async () => {
    const paths = ['token', 'revoke', 'introspect', 'register'];
    const requests = paths.flatMap((path) =>
      CREDENTIALS.flatMap((value) =>
        ['authorization', 'dpop', 'cookie', 'accept'].map((header): Junk => {
          const init = post('grant_type=refresh_token&refresh_token=x&token=x');
          const headers = { ...init.headers, [header]: value };
          return [
            `${path} ${header} ${value}`,
            `${server.issuer}/oauth/${path}`,
            { ...init, headers },
          ];
        }),
      ),
    );
    expect(await failuresOf(server, requests)).toEqual([]);
  });

  it('finds callbacks that no identity provider sent, and logs nothing above debug', async () => {
    const upstream = await startFakeUpstream();
    const federated = await bootIssuing(adapter, {
      upstream: {
        issuer: upstream.issuer,
        clientId: 'atlas',
        clientSecret: 'upstream-secret',
      },
    });
    try {
      const url = `${federated.issuer}/oauth/callback`;
      const requests = ['state', 'code', 'iss', 'error', '__proto__'].flatMap(
        (name) =>
          VARIANTS(name, 'x').flatMap((variant): Junk[] => [
            [`GET ${variant}`, `${url}?state=y&${variant}`],
            [`POST ${variant}`, url, post(variant)],
          ]),
      );
      expect(await failuresOf(federated, requests)).toEqual([]);
      expect(federated.logger.of('warn')).toEqual([]);
      expect(federated.logger.of('debug').join()).not.toMatch(/\n\s+at /);
    } finally {
      await federated.close();
      await upstream.close();
    }
  });
});
