import { jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import * as fc from 'fast-check';
import { McpAuthGuard, McpAuthModule } from '../../lib/index.js';
import { Journal } from '../fixtures/auth/notes.controller.js';
import { OrdersModule, Visits } from '../fixtures/auth/orders.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import {
  headerValue,
  jwtLike,
  method,
  mutation,
  saysTheSame,
  target,
} from '../support/auth-arbitraries.js';
import {
  createIssuer,
  now,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { sendWire, type WireAnswer } from '../support/auth-raw.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { rpcBody, rpcHeaders, type Era } from '../support/json-rpc.js';
import {
  createSigningKey,
  hmacToken,
  unsignedToken,
} from '../support/signing-key.js';

// Many values for each property.
jest.setTimeout(60_000);

const SETTINGS = { seed: 20_260_728, numRuns: 150 };
const SCHEMES = fc.constantFrom(
  'Bearer',
  'bearer',
  'BEARER',
  'Basic',
  'DPoP',
  '',
);
const ERA = fc.constantFrom<Era>('modern', 'legacy');

describe.each(ADAPTERS)('whatever is sent, on %s', (adapter) => {
  let issuer: TestIssuer;
  let endpoint: BootedApp;
  let rest: BootedApp;

  beforeAll(async () => {
    issuer = await createIssuer();
    endpoint = await bootProtected(adapter, {
      verifier: issuer.verifier,
      authorizationServers: [issuer.issuer],
      resolveUser: ({ subject }) => ({ name: subject }),
    });
    @Module({
      // Without a resource: its name comes from the Host header.
      imports: [
        McpAuthModule.forRoot({
          verifier: issuer.verifier,
          excludedPaths: ['/health', '/public/*'],
        }),
        OrdersModule,
      ],
      providers: [{ provide: APP_GUARD, useClass: McpAuthGuard }],
    })
    class RestApp {}
    rest = await bootApp(RestApp, adapter);
  });
  afterAll(async () => {
    await endpoint?.close();
    await rest?.close();
  });

  const ran = () => endpoint.app.get(Journal, { strict: false }).ran;
  const visits = () => rest.app.get(Visits, { strict: false }).made;

  const call = (
    era: Era,
    headers: Record<string, string>,
    name = 'notes_read',
  ): Promise<WireAnswer> => {
    const params = { name, arguments: {} };
    return sendWire(endpoint.url, {
      target: '/mcp',
      method: 'POST',
      headers: { ...rpcHeaders(era, 'tools/call', params), ...headers },
      body: JSON.stringify(rpcBody(era, 'tools/call', params)),
    });
  };

  const expectRefusal = async (
    era: Era,
    authorization: string,
  ): Promise<void> => {
    const { status, text, challenge } = await call(era, { authorization });
    expect([authorization, status]).toEqual([authorization, 401]);
    expect(challenge).toMatch(/^Bearer /);
    expect(text).not.toMatch(/\bat \w+|node_modules|\.ts:/);
    expect(ran()).toEqual([]);
  };

  it('a good token is let in, so that the others are refused for what they are', async () => {
    for (const era of ['modern', 'legacy'] as const) {
      expect((await call(era, await issuer.bearer())).status).toBe(200);
    }
    expect(ran().splice(0)).toEqual(['read', 'read']);
  });

  it('no random Authorization header lets a request through, or fails (RFC 6750 3.1)', async () => {
    await fc.assert(
      fc.asyncProperty(
        ERA,
        SCHEMES,
        fc.oneof(headerValue, jwtLike),
        async (era, scheme, credentials) =>
          expectRefusal(era, `${scheme} ${credentials}`.trim()),
      ),
      SETTINGS,
    );
  });

  it('no damaged token does (RFC 7515 5.2)', async () => {
    const good = await issuer.token();
    await fc.assert(
      fc.asyncProperty(ERA, mutation, async (era, mutate) => {
        const token = mutate(good);
        fc.pre(!saysTheSame(token, good));
        await expectRefusal(era, `Bearer ${token}`);
      }),
      SETTINGS,
    );
  });

  it('no token with a claim of any other value does (RFC 7519 4.1)', async () => {
    const foreign = fc.tuple(
      fc.constantFrom('iss', 'aud', 'exp', 'nbf'),
      fc.option(fc.jsonValue(), { nil: undefined }),
    );
    await fc.assert(
      fc.asyncProperty(ERA, foreign, async (era, [claim, value]) => {
        fc.pre(!isGood(claim, value, issuer.issuer));
        await expectRefusal(
          era,
          `Bearer ${await issuer.token({ [claim]: value })}`,
        );
      }),
      SETTINGS,
    );
  });

  it('no token of another key, or none, does, whatever its header says (RFC 8725 3.1)', async () => {
    const stranger = await createSigningKey('ES256', issuer.key.jwk.kid);
    const header = fc.record(
      {
        alg: fc.constantFrom(
          'none',
          'HS256',
          'HS512',
          'ES256',
          'RS256',
          'NONE',
        ),
        kid: fc.constantFrom(issuer.key.jwk.kid, 'x', '../../etc/passwd'),
        typ: fc.constantFrom('JWT', 'at+jwt'),
        jku: fc.constant('http://127.0.0.1:1/jwks'),
        x5u: fc.constant('http://127.0.0.1:1/cert'),
        jwk: fc.constant(stranger.jwk),
        crit: fc.constantFrom(['b64'], ['exp'], []),
        b64: fc.boolean(),
      },
      { requiredKeys: ['alg'] },
    );
    await fc.assert(
      fc.asyncProperty(ERA, header, async (era, fields) => {
        const claims = issuer.claims();
        for (const token of [
          unsignedToken(fields, claims),
          unsignedToken(fields, claims, 'AAAA'),
          hmacToken(issuer.key.pem, fields, claims),
          hmacToken(JSON.stringify(issuer.key.jwk), fields, claims),
        ]) {
          await expectRefusal(era, `Bearer ${token}`);
        }
      }),
      { ...SETTINGS, numRuns: 40 },
    );
    await expectRefusal(
      'modern',
      `Bearer ${await stranger.sign(issuer.claims())}`,
    );
  });

  it('no other header, body or method does (MCP Authorization, "Token Handling")', async () => {
    const values = fc.oneof(
      headerValue,
      fc.constantFrom(
        '127.0.0.1',
        'localhost',
        'application/json',
        'text/plain',
      ),
    );
    const headers = fc.dictionary(
      fc.constantFrom(
        'x-forwarded-for',
        'x-forwarded-host',
        'x-forwarded-proto',
        'x-forwarded-user',
        'x-user',
        'x-api-key',
        'cookie',
        'host',
        'origin',
        'content-type',
        'mcp-session-id',
        'mcp-protocol-version',
        'mcp-method',
        'mcp-name',
        'x-http-method-override',
        'proxy-authorization',
      ),
      values,
    );
    const body = fc.oneof(
      fc.json(),
      fc.string(),
      ERA.map((era) =>
        JSON.stringify(
          rpcBody(era, 'tools/call', { name: 'notes_read', arguments: {} }),
        ),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        method,
        headers,
        fc.option(body, { nil: undefined }),
        async (verb, fields, text) => {
          const answer = await sendWire(endpoint.url, {
            target: '/mcp',
            method: verb,
            headers: { 'content-type': 'application/json', ...fields },
            ...(text !== undefined && !/GET|HEAD/.test(verb) && { body: text }),
          });
          // 204 is the preflight's, which serves nothing.
          if (answer.status !== 204 || verb !== 'OPTIONS') {
            expect(answer.status).toBeGreaterThanOrEqual(400);
          }
          expect(answer.status).toBeLessThan(500);
          expect(ran()).toEqual([]);
        },
      ),
      SETTINGS,
    );
  });

  it('no path, query or method does, but for what is excluded (RFC 3986 6.2)', async () => {
    const random = { ...SETTINGS, numRuns: 400 };
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ weight: 3, arbitrary: fc.constant('GET') }, method),
        target,
        fc.option(headerValue, { nil: undefined }),
        async (verb, url, host) => {
          visits().splice(0);
          const answer = await sendWire(rest.url, {
            target: url,
            method: verb,
            headers: host ? { host } : {},
          });
          expect([url, answer.status < 500]).toEqual([url, true]);
          const [path = ''] = url.split(/[?#]/, 1);
          const isExcluded =
            path === '/health' || /^\/public\/[^/]+\/?$/.test(path);
          expect([url, visits()]).toEqual([
            url,
            isExcluded && answer.status < 300 ? [expect.any(String)] : [],
          ]);
          expect(visits()).not.toContain('private');
          expect(visits()).not.toContain('orders');
        },
      ),
      random,
    );
  });

  it('no Host and token together do, where the name comes from the Host (RFC 8707 2)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          headerValue,
          fc.domain(),
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
        ),
        async (host) => {
          fc.pre(!/^(localhost|127(\.\d+){3}|\[::1\])(:\d*)?$/i.test(host));
          const headers = {
            host,
            ...(await issuer.bearer({ aud: `http://${host}` })),
          };
          const { status } = await sendWire(rest.url, {
            target: '/orders',
            headers,
          });
          expect([host, status]).toEqual([
            host,
            // A header that Node itself refuses is a 400.
            status === 400 ? 400 : 401,
          ]);
        },
      ),
      SETTINGS,
    );
  });
});

/** Whether a token with this claim would rightly come in. */
function isGood(claim: string, value: unknown, issuer: string): boolean {
  switch (claim) {
    case 'iss':
      return value === issuer;
    case 'aud':
      return [value].flat().includes(RESOURCE);
    case 'exp':
      return typeof value === 'number' && value > now();
    default:
      return (
        value === undefined || (typeof value === 'number' && value <= now())
      );
  }
}
