import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Controller,
  type DynamicModule,
  Get,
  Injectable,
  type INestApplication,
  Module,
  type NestApplicationOptions,
  Req,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { jest } from '@jest/globals';
import { McpModule, McpTool } from '../../lib/index.js';
import { createApp } from '../../sample/05-authorization-server/src/create-app.js';
import { NotesModule } from '../../sample/05-authorization-server/src/notes/notes.module.js';
import { PasswordLogin } from '../../sample/05-authorization-server/src/users/password.login.js';
import { UsersModule } from '../../sample/05-authorization-server/src/users/users.module.js';
import { DEMO_USERS } from '../../sample/05-authorization-server/src/users/demo-users.js';
import {
  ADAPTERS,
  type AdapterName,
  createAdapter,
} from '../support/adapters.js';
import { bootApp } from '../support/boot-app.js';
import { freePort } from '../support/free-port.js';
import { ERAS, rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { connectLoggedIn } from '../support/log-in.js';
import { muteProvider } from '../support/mute-provider.js';
import { type Nginx, nginxAvailable, startNginx } from '../support/nginx.js';
import { OAUTH_CLIENTS } from '../support/oauth-clients.js';
import { OAuthStore } from '../support/oauth-store.js';
import { CLIENT_CALLBACK, Person } from '../support/person.js';
import { codeBlocks } from '../support/readme.js';
import { recordFetch } from '../support/recorded-fetch.js';
import { fetchTrusting } from '../support/trusting-fetch.js';

// Each starts an nginx, and some wait until it gives up.
jest.setTimeout(60_000);

const PAGE = readFileSync('docs/reverse-proxy.md', 'utf8');
const [[ADA, , PASSWORD]] = DEMO_USERS;

/** The server block of the documentation that has this name. */
function documented(name: string): string {
  const block = codeBlocks(PAGE, 'nginx').find(
    ({ info }) => info === `nginx ${name}`,
  );
  if (!block) {
    throw new Error(`No configuration "${name}" in the documentation`);
  }
  return block.code;
}

interface Setting {
  readonly prefix?: string;
  /** Path of the issuer. */
  readonly issuer?: string;
}

const describeNginx = nginxAvailable() ? describe : describe.skip;

if (!nginxAvailable()) {
  it.todo('was skipped, as there is no nginx (NGINX names one)');
}

@Controller('seen')
class SeenController {
  @Get()
  seen(@Req() { protocol, ip }: { protocol: string; ip: string }): unknown {
    return { protocol, ip };
  }
}

/** Sample 05, but for the issuer. */
function withIssuer(resource: string, issuer: string): DynamicModule {
  return {
    module: class WithIssuer {},
    imports: [
      McpModule.forRoot({
        auth: {
          resource,
          authorizationServer: { login: PasswordLogin, issuer },
        },
      }),
      NotesModule,
      UsersModule,
    ],
    controllers: [SeenController],
  };
}

/** Sample 05, which trusts its proxy, with a public URL at that proxy. */
async function bootSample(
  adapter: AdapterName,
  resource: string,
  { prefix, issuer }: Setting,
): Promise<INestApplication> {
  const create = (...given: [AbstractHttpAdapter, NestApplicationOptions]) =>
    issuer === undefined
      ? createApp([resource], ...given)
      : NestFactory.create(
          withIssuer(resource, new URL(issuer, resource).href),
          ...given,
        );
  const app = await create(
    adapter === 'fastify'
      ? new FastifyAdapter({ trustProxy: '127.0.0.1' })
      : createAdapter(adapter),
    {
      logger: ['error', 'fatal'],
      abortOnError: false,
      forceCloseConnections: true,
    },
  );
  if (adapter === 'express') {
    (app as NestExpressApplication).set('trust proxy', 1);
  }
  if (prefix !== undefined) {
    app.setGlobalPrefix(prefix);
  }
  await app.listen(0, '127.0.0.1');
  return app;
}

const portOf = (app: INestApplication): number =>
  (app.getHttpServer().address() as { port: number }).port;

describeNginx.each(ADAPTERS)('nginx in front of sample 05 on %s', (adapter) => {
  describe.each([
    ['stripped', {}],
    ['kept', { prefix: 'notes' }],
    ['issuer', { issuer: '/notes' }],
  ] as const)(
    'in the configuration "%s"',
    (configuration, setting: Setting) => {
      let app: INestApplication;
      let nginx: Nginx;
      let endpoint: string;

      beforeAll(async () => {
        const port = await freePort();
        endpoint = `https://localhost:${port}/notes/mcp`;
        app = await bootSample(adapter, endpoint, setting);
        const upstream = portOf(app);
        nginx = await startNginx(documented(configuration), { port, upstream });
      });
      beforeEach(() => {
        muteProvider();
        jest
          .spyOn(globalThis, 'fetch')
          .mockImplementation(fetchTrusting(nginx.cert));
      });
      afterEach(() => void jest.restoreAllMocks());
      afterAll(async () => {
        await nginx?.stop();
        await app?.close();
      });

      it.each(OAUTH_CLIENTS)(
        'lets %s log in, list, call and listen',
        async (_name, { era, create }) => {
          const store = new OAuthStore(
            ['authorization_code', 'refresh_token'],
            CLIENT_CALLBACK,
          );
          const recorded = recordFetch();
          const client = create(endpoint, store, recorded.fetch);
          const person = new Person(ADA, PASSWORD);
          await connectLoggedIn(
            { client, store, person },
            () =>
              era === 'modern' ||
              recorded.traffic.includes('GET /notes/mcp 200'),
          );
          expect(await client.toolNames()).toEqual(['notes_add', 'notes_list']);
          expect(await client.call('notes_list')).toBe('[]');
          if (era === 'modern') {
            expect(await firstOfStream(endpoint, store.accessToken)).toContain(
              'notifications/subscriptions/acknowledged',
            );
          }
          await client.close();
        },
      );

      if ('issuer' in setting) {
        it('tells the application who calls, and by what scheme', async () => {
          const response = await fetch(new URL('seen', endpoint), {
            headers: { 'x-forwarded-for': '203.0.113.7' },
          });
          expect(await response.json()).toEqual({
            // The adapter on Node's own server trusts no proxy.
            protocol: adapter === 'node' ? 'http' : 'https',
            // Here the caller has the address of the proxy that Fastify trusts.
            ip: adapter === 'fastify' ? '203.0.113.7' : '127.0.0.1',
          });
        });
      }
    },
  );
});

/** What a stream of `subscriptions/listen` begins with, at once. */
async function firstOfStream(endpoint: string, token: string): Promise<string> {
  const params = { notifications: { toolsListChanged: true } };
  const leaving = new AbortController();
  const { body } = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...rpcHeaders('modern', 'subscriptions/listen', params),
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify(rpcBody('modern', 'subscriptions/listen', params)),
    signal: leaving.signal,
  });
  const first = await body?.getReader().read();
  leaving.abort();
  return Buffer.from((first?.value as Uint8Array) ?? '').toString();
}

/** Milliseconds after which it gives up: so long may a busy machine say nothing. */
const SILENCE = 3000;

describeNginx('nginx, which gives up on silence,', () => {
  @Injectable()
  class Slow {
    @McpTool({ name: 'slow' })
    async slow(): Promise<string> {
      await sleep(SILENCE + 1500);
      return 'at last';
    }
  }

  it.each(
    ERAS.flatMap(
      (era) =>
        [
          [era, 300, 200],
          [era, false, 504],
        ] as const,
    ),
  )(
    'in the %s era, with keepAliveInterval %s: HTTP %i',
    async (era, keepAliveInterval, status) => {
      @Module({
        imports: [McpModule.forRoot({ name: 'slow', keepAliveInterval })],
        providers: [Slow],
      })
      class SlowModule {}
      const booted = await bootApp(SlowModule, 'express');
      const port = await freePort();
      const nginx = await startNginx(
        documented('stripped').replace(
          '{',
          `{ proxy_read_timeout ${SILENCE}ms;`,
        ),
        { port, upstream: portOf(booted.app) },
      );
      try {
        const params = { name: 'slow', arguments: {} };
        const response = await fetchTrusting(nginx.cert)(
          `https://localhost:${port}/notes/mcp`,
          {
            method: 'POST',
            headers: rpcHeaders(era, 'tools/call', params),
            body: JSON.stringify(rpcBody(era, 'tools/call', params)),
          },
        );
        const text = await response.text();
        expect(response.status).toBe(status);
        expect(text.includes('at last')).toBe(status === 200);
      } finally {
        await nginx.stop();
        await booted.close();
      }
    },
  );
});
