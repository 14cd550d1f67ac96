import { get as getOverTls } from 'node:https';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { NestFactory } from '@nestjs/core';
import { Module, type INestApplication } from '@nestjs/common';
import type { AddressInfo } from 'node:net';
import {
  McpAuthModule,
  McpModule,
  type McpAuthOptions,
} from '../../lib/index.js';
import { Journal, NotesModule } from '../fixtures/auth/notes.controller.js';
import { ADAPTERS, createAdapter } from '../support/adapters.js';
import { selfSigned } from '../support/auth-certificate.js';
import { readChallenge } from '../support/auth-challenge.js';
import {
  createIssuer,
  RESOURCE,
  type TestIssuer,
} from '../support/auth-issuer.js';
import { fromFarAway } from '../support/auth-remote.js';
import {
  bootApp,
  type BootedApp,
  type BootOptions,
} from '../support/boot-app.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';

const ROOT = '/.well-known/oauth-protected-resource';

describe.each(ADAPTERS)('the name of a server on %s', (adapter) => {
  let issuer: TestIssuer;
  let booted: BootedApp | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  afterEach(async () => {
    await booted?.close();
    booted = undefined;
  });

  const boot = async (
    auth: McpAuthOptions | false | undefined,
    options?: BootOptions,
  ): Promise<BootedApp> => {
    @Module({
      imports: [
        McpModule.forRoot({
          name: 'named',
          origins: false,
          ...(auth !== undefined && { auth }),
        }),
        ...(auth ? [NotesModule] : []),
      ],
    })
    class NamedApp {}
    return (booted = await bootApp(NamedApp, adapter, options));
  };

  const list = (headers: Record<string, string>) =>
    sendRaw(`${booted?.url}/mcp`, {
      method: 'POST',
      headers: { ...rpcHeaders('modern', 'tools/list', {}), ...headers },
      body: JSON.stringify(rpcBody('modern', 'tools/list', {})),
    });

  const documentFor = async (headers: Record<string, string>) =>
    JSON.parse(
      (await sendRaw(`${booted?.url}${ROOT}/mcp`, { method: 'GET', headers }))
        .text,
    ) as { resource: string };

  it('is derived on a loopback bind, from what the client was given (RFC 8707 2)', async () => {
    const { url } = await boot({ verifier: issuer.verifier });
    const { host } = new URL(url);
    expect(await documentFor({ host })).toMatchObject({
      resource: `${url}/mcp`,
    });
    const localhost = host.replace('127.0.0.1', 'localhost');
    expect(await documentFor({ host: localhost })).toMatchObject({
      resource: `http://${localhost}/mcp`,
    });
    const good = await issuer.bearer({ aud: `${url}/mcp` });
    expect((await list({ host, ...good })).status).toBe(200);
    for (const aud of [RESOURCE, url, `${url}/`, 'http://127.0.0.1/mcp']) {
      const foreign = await issuer.bearer({ aud });
      expect([aud, (await list({ host, ...foreign })).status]).toEqual([
        aud,
        401,
      ]);
    }
  });

  it.each(['evil.example', 'localhost.evil.example', 'a b', '['])(
    'is never that of a stranger: Host %j',
    async (host) => {
      await boot({ verifier: issuer.verifier });
      const { resource } = await documentFor({ host });
      expect(resource).toBe('http://localhost/mcp');
      const answer = await list({
        host,
        ...(await issuer.bearer({ aud: `http://${host}/mcp` })),
      });
      // A malformed Host is refused at the door, before any token.
      expect(answer.status).toBe(/^[\w.]+$/.test(host) ? 401 : 400);
    },
  );

  it('is not changed by forwarded headers, configured or derived', async () => {
    const forwarded = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '443',
      'x-forwarded-prefix': '/evil',
      forwarded: 'for=1.2.3.4;host=evil.example;proto=https',
      'x-original-url': '/evil',
    };
    for (const resource of [undefined, RESOURCE]) {
      const { url, close } = await boot(
        { verifier: issuer.verifier, ...(resource && { resource }) },
        {
          configure: (app) => {
            if (adapter === 'express') {
              (app.getHttpAdapter().getInstance() as { set: Function }).set(
                'trust proxy',
                true,
              );
            }
          },
        },
      );
      const name = resource ?? `${url}/mcp`;
      expect((await documentFor(forwarded)).resource).toBe(name);
      const answer = await list(forwarded);
      expect(answer.status).toBe(401);
      const { origin } = new URL(name);
      expect(
        readChallenge(answer.values('www-authenticate').join()).parameters[
          'resource_metadata'
        ],
      ).toBe(`${origin}${ROOT}/mcp`);
      await close();
      booted = undefined;
    }
  });

  it.each([
    ['McpModule', (auth: McpAuthOptions) => McpModule.forRoot({ auth })],
    ['McpAuthModule', (auth: McpAuthOptions) => McpAuthModule.forRoot(auth)],
  ])(
    'that nobody configured stops %s where it listens beyond loopback',
    async (_, make) => {
      @Module({ imports: [make({ verifier: issuer.verifier }), NotesModule] })
      class Unnamed {}
      let app: INestApplication | undefined;
      await expect(
        bootApp(Unnamed, adapter, {
          host: '0.0.0.0',
          configure: (created) => void (app = created),
        }),
      ).rejects.toThrow(
        'auth.resource is missing, and the server listens beyond loopback. Set it to the public URL',
      );
      expect(app?.getHttpServer().listening).toBe(false);
    },
  );

  it('that is configured may listen anywhere', async () => {
    const { logger } = await boot(
      { verifier: issuer.verifier, resource: RESOURCE },
      { host: '0.0.0.0' },
    );
    expect((await list(await issuer.bearer())).status).toBe(200);
    expect((await list({})).status).toBe(401);
    expect(logger.of('warn').join()).not.toContain('no auth');
  });

  it.each([
    [undefined, '0.0.0.0', true],
    [undefined, '127.0.0.1', false],
    [false, '0.0.0.0', false],
  ] as const)(
    'auth: %s on %s warns about an open server: %s',
    async (auth, host, warns) => {
      const { logger } = await boot(auth, { host });
      expect(
        logger.of('warn').some((text) => text.includes('has no auth')),
      ).toBe(warns);
    },
  );
});

describe.each(ADAPTERS)('requireHttps on %s', (adapter) => {
  let issuer: TestIssuer;
  let app: INestApplication | undefined;

  beforeAll(async () => {
    issuer = await createIssuer();
  });
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  /** Boots with options that only the adapter itself takes, and returns the port. */
  const boot = async (
    { tls = false, trustProxy = false } = {},
    requireHttps = true,
  ): Promise<number> => {
    @Module({
      imports: [
        McpModule.forRoot({
          name: 'secure',
          auth: {
            verifier: issuer.verifier,
            resource: RESOURCE,
            requireHttps,
          },
        }),
        NotesModule,
      ],
    })
    class SecureApp {}
    const certificate = tls ? selfSigned() : undefined;
    app =
      adapter === 'fastify'
        ? await NestFactory.create(
            SecureApp,
            new FastifyAdapter({
              trustProxy,
              ...(certificate && { https: certificate }),
            } as never),
            { logger: false },
          )
        : await NestFactory.create(SecureApp, createAdapter(adapter), {
            logger: false,
            ...(certificate && { httpsOptions: certificate }),
          });
    if (adapter === 'express' && trustProxy) {
      (app.getHttpAdapter().getInstance() as { set: Function }).set(
        'trust proxy',
        true,
      );
    }
    await app.listen(0, '127.0.0.1');
    return (app.getHttpServer().address() as AddressInfo).port;
  };

  const call = async (port: number, headers: Record<string, string> = {}) => {
    const params = { name: 'notes_read', arguments: {} };
    return sendRaw(`http://127.0.0.1:${port}/mcp`, {
      method: 'POST',
      headers: {
        ...rpcHeaders('modern', 'tools/call', params),
        ...(await issuer.bearer()),
        ...headers,
      },
      body: JSON.stringify(rpcBody('modern', 'tools/call', params)),
    });
  };

  it('refuses plain http with 403, whatever the token, and asks for no other (RFC 6750 5.3)', async () => {
    const port = await boot();
    fromFarAway(app as INestApplication);
    for (const authorization of [
      (await issuer.bearer()).authorization,
      'Bearer bad',
    ]) {
      const answer = await call(port, { authorization });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.text)).toEqual({
        error: 'invalid_request',
        error_description: 'HTTPS is required',
      });
      expect(answer.values('cache-control')).toEqual(['no-store']);
    }
    expect(app?.get(Journal, { strict: false }).ran).toEqual([]);
  });

  it('leaves loopback alone', async () => {
    expect((await call(await boot())).status).toBe(200);
  });

  it('is off unless asked for', async () => {
    const port = await boot({}, false);
    fromFarAway(app as INestApplication);
    expect((await call(port)).status).toBe(200);
  });

  it('believes forwarded headers only where the framework does', async () => {
    const far = { 'x-forwarded-for': '203.0.113.9' };
    const port = await boot({ trustProxy: true });
    for (const [proto, status] of [
      ['https', 200],
      // The adapter on Node's own server trusts no proxy: the caller is near.
      ['http', adapter === 'node' ? 200 : 403],
    ] as const) {
      const answer = await call(port, { ...far, 'x-forwarded-proto': proto });
      expect([proto, answer.status]).toEqual([proto, status]);
    }
    await app?.close();
    const naive = await boot();
    fromFarAway(app as INestApplication);
    expect((await call(naive, { 'x-forwarded-proto': 'https' })).status).toBe(
      403,
    );
    expect((await call(naive, { 'x-forwarded-for': '127.0.0.1' })).status).toBe(
      403,
    );
  });

  it('is satisfied by TLS of the server itself', async () => {
    const port = await boot({ tls: true });
    fromFarAway(app as INestApplication);
    const headers = await issuer.bearer();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      getOverTls(
        {
          port,
          host: '127.0.0.1',
          path: '/mcp',
          headers,
          rejectUnauthorized: false,
        },
        (response) => resolve(response.resume().statusCode),
      ).on('error', reject);
    });
    // Past the guard: the protocol has nothing to answer a GET with.
    expect(status).toBe(405);
  });
});
