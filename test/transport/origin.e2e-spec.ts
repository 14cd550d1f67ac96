import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { McpModule } from '../../lib/index.js';
import type { McpModuleOptions } from '../../lib/index.js';
import {
  CountingGuard,
  EchoModule,
} from '../fixtures/transport/application.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import {
  bootApp,
  type BootedApp,
  type BootOptions,
} from '../support/boot-app.js';
import { rpcBody, rpcHeaders } from '../support/json-rpc.js';
import { sendRaw, type RawResponse } from '../support/raw-http.js';

const APP = 'https://app.example.com';
const METHODS = ['POST', 'GET', 'DELETE', 'OPTIONS'];

const boot = (
  adapter: AdapterName,
  options: McpModuleOptions = {},
  bootOptions: BootOptions = {},
): Promise<BootedApp> => {
  @Module({
    imports: [McpModule.forRoot({ name: 'door', ...options }), EchoModule],
  })
  class App {}
  return bootApp(App, adapter, bootOptions);
};

const send = (
  booted: BootedApp,
  method: string,
  headers: Record<string, string>,
  path = '/mcp',
): Promise<RawResponse> =>
  sendRaw(`${booted.url}${path}`, {
    method,
    headers: {
      ...(method === 'POST' ? rpcHeaders('modern', 'tools/list', {}) : {}),
      ...headers,
    },
    ...(method === 'POST'
      ? { body: JSON.stringify(rpcBody('modern', 'tools/list', {})) }
      : {}),
  });

const preflight = {
  'access-control-request-method': 'POST',
  'access-control-request-headers':
    'content-type,authorization,mcp-protocol-version,mcp-method,mcp-name',
};

/** What each method answers to somebody who may come in. */
const ADMITTED: Readonly<Record<string, number>> = {
  POST: 200,
  GET: 405,
  DELETE: 405,
  OPTIONS: 204,
};

describe.each(ADAPTERS)('the log of a door on %s', (adapter) => {
  it('tells once for each origin and host which option admits it', async () => {
    const booted = await boot(
      adapter,
      { auth: false, origins: { hosts: ['127.0.0.1'] } },
      { host: '0.0.0.0' },
    );
    try {
      for (const method of METHODS) {
        for (const origin of ['http://localhost:6274', APP]) {
          expect((await send(booted, method, { origin })).status).toBe(403);
        }
        expect(
          (await send(booted, method, { host: 'api.test:80' })).status,
        ).toBe(421);
      }
      expect(
        booted.logger.of('warn').filter((line) => /refused at/.test(line)),
      ).toEqual([
        expect.stringMatching(
          /^Origin "http:\/\/localhost:6274" was refused at \/mcp\..*origins\.allow, or listen on 127\.0\.0\.1\./,
        ),
        expect.stringMatching(
          /^Origin "https:\/\/app\.example\.com".*origins\.allow\./,
        ),
        expect.stringMatching(
          /^Host "api\.test:80" was refused at \/mcp\..*without its port in origins\.hosts\./,
        ),
      ]);
    } finally {
      await booted.close();
    }
  });

  it('is not flooded by whoever makes names up', async () => {
    const booted = await boot(adapter, { auth: false });
    try {
      for (let i = 0; i < 60; i++) {
        await send(booted, 'POST', { origin: `https://${i}.example` });
      }
      const told = booted.logger
        .of('warn')
        .filter((line) => line.startsWith('Origin'));
      expect(told).toHaveLength(50);
    } finally {
      await booted.close();
    }
  });
});

describe.each(ADAPTERS)('the door of the endpoint on %s', (adapter) => {
  describe('on a loopback address', () => {
    let booted: BootedApp;

    beforeAll(async () => {
      booted = await boot(adapter, { origins: { allow: [APP] } });
    });
    afterAll(() => booted?.close());

    describe.each(METHODS)('for %s', (method) => {
      it.each([
        'https://evil.example',
        'null',
        'http://127.0.0.1.evil.example',
        'http://localhost.evil.example:3000',
        'http://app.example.com',
        'https://app.example.com.evil.example',
        'https://app.example.com:8443',
        'https://evil.example#https://app.example.com',
        'file://',
        'garbage',
      ])('refuses the origin %s', async (origin) => {
        const answer = await send(booted, method, { origin });
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.text)).toMatchObject({
          jsonrpc: '2.0',
          error: { code: expect.any(Number) },
        });
        expect(answer.values('access-control-allow-origin')).toEqual([]);
      });

      it.each([APP, 'http://localhost:5173', 'http://127.0.0.1:5173'])(
        'admits the origin %s, and tells the browser',
        async (origin) => {
          const answer = await send(booted, method, { origin, ...preflight });
          expect(answer.status).toBe(ADMITTED[method]);
          expect(answer.values('access-control-allow-origin')).toEqual([
            origin,
          ]);
          expect(answer.values('vary').join().toLowerCase()).toContain(
            'origin',
          );
        },
      );

      it('admits its own origin', async () => {
        const answer = await send(booted, method, { origin: booted.url });
        expect(answer.status).toBe(ADMITTED[method]);
      });

      it('admits a client without an origin, and sends it no CORS header', async () => {
        const answer = await send(booted, method, {});
        expect(answer.status).toBe(ADMITTED[method]);
        expect(answer.values('access-control-allow-origin')).toEqual([]);
      });

      it.each(['evil.example', 'evil.example:80', '127.0.0.1.evil.example'])(
        'refuses the host %s',
        async (host) => {
          const answer = await send(booted, method, { host });
          expect(answer.status).toBe(421);
          expect(JSON.parse(answer.text)).toHaveProperty('jsonrpc', '2.0');
        },
      );

      it.each(['localhost', 'localhost:9', '127.0.0.1', '[::1]:8080'])(
        'admits the host %s',
        async (host) => {
          const answer = await send(booted, method, { host });
          expect(answer.status).toBe(ADMITTED[method]);
        },
      );
    });

    it('refuses on the path in any spelling that leads to it', async () => {
      for (const path of ['/mcp', '/mcp/', '/MCP', '/mcp?x=1', '//mcp']) {
        const answer = await send(
          booted,
          'POST',
          { origin: 'https://evil.example' },
          path,
        );
        expect([403, 404]).toContain(answer.status);
        expect(answer.text).not.toContain('"tools"');
      }
    });

    it('lets a browser read the headers it needs', async () => {
      const answer = await send(booted, 'POST', { origin: APP });
      const exposed = answer
        .values('access-control-expose-headers')
        .join()
        .toLowerCase();
      for (const name of [
        'www-authenticate',
        'mcp-session-id',
        'mcp-protocol-version',
      ]) {
        expect(exposed).toContain(name);
      }
    });

    it('answers a preflight with the methods and headers a client sends', async () => {
      const answer = await send(booted, 'OPTIONS', {
        origin: APP,
        ...preflight,
      });
      expect(answer.status).toBe(204);
      const methods = answer.values('access-control-allow-methods').join();
      expect(methods).toContain('POST');
      const allowed = answer.values('access-control-allow-headers').join();
      for (const name of preflight['access-control-request-headers'].split(
        ',',
      )) {
        expect(allowed.toLowerCase()).toContain(name);
      }
      expect(answer.text).toBe('');
    });

    it('leaves the other routes of the application alone', async () => {
      const answer = await sendRaw(`${booted.url}/echo`, {
        method: 'POST',
        headers: {
          origin: 'https://evil.example',
          host: 'evil.example',
          'content-type': 'application/json',
        },
        body: '{"text":"x"}',
      });
      expect(answer.status).toBe(201);
      expect(answer.values('access-control-allow-origin')).toEqual([]);
    });
  });

  describe('before authentication', () => {
    let booted: BootedApp;

    beforeAll(async () => {
      @Module({
        imports: [
          McpModule.forRoot({ name: 'guarded', origins: { allow: [APP] } }),
          EchoModule,
        ],
        providers: [
          CountingGuard,
          { provide: APP_GUARD, useExisting: CountingGuard },
        ],
      })
      class GuardedApp {}
      booted = await bootApp(GuardedApp, adapter);
    });
    afterAll(() => booted?.close());

    it.each(METHODS)('checks origin and host of %s', async (method) => {
      const guard = booted.app.get(CountingGuard);
      const before = guard.asked;
      const foreign = await send(booted, method, {
        origin: 'https://evil.example',
      });
      const rebound = await send(booted, method, { host: 'evil.example' });
      expect([foreign.status, rebound.status]).toEqual([403, 421]);
      expect(guard.asked).toBe(before);
    });

    it('answers a preflight', async () => {
      const guard = booted.app.get(CountingGuard);
      const before = guard.asked;
      const answer = await send(booted, 'OPTIONS', {
        origin: APP,
        ...preflight,
      });
      expect(answer.status).toBe(204);
      expect(answer.values('access-control-allow-origin')).toEqual([APP]);
      expect(guard.asked).toBe(before);
    });

    it('lets the guard refuse, readably for a browser, as JSON-RPC', async () => {
      const guard = booted.app.get(CountingGuard);
      for (const method of ['POST', 'GET', 'DELETE']) {
        const before = guard.asked;
        const answer = await send(booted, method, { origin: APP });
        expect(answer.status).toBe(403);
        expect(JSON.parse(answer.text)).toHaveProperty('jsonrpc', '2.0');
        expect(answer.values('access-control-allow-origin')).toEqual([APP]);
        expect(guard.asked).toBe(before + 1);
      }
    });
  });

  it('serves the hosts of origins.hosts, and no other', async () => {
    const booted = await boot(adapter, {
      origins: { hosts: ['api.example.com'] },
    });
    try {
      for (const [host, status] of [
        ['api.example.com', 200],
        ['api.example.com:443', 200],
        ['API.example.com', 200],
        ['127.0.0.1', 421],
        ['evil.example', 421],
      ] as const) {
        expect((await send(booted, 'POST', { host })).status).toBe(status);
      }
      const own = await send(booted, 'POST', {
        host: 'api.example.com',
        origin: 'https://api.example.com',
      });
      expect(own.status).toBe(200);
    } finally {
      await booted.close();
    }
  });

  it('takes any host, but no foreign origin, off loopback', async () => {
    const booted = await boot(adapter, {}, { host: '0.0.0.0' });
    try {
      const any = await send(booted, 'POST', { host: 'api.example.com' });
      expect(any.status).toBe(200);
      for (const origin of ['https://evil.example', 'http://localhost:5173']) {
        const foreign = await send(booted, 'POST', {
          host: 'api.example.com',
          origin,
        });
        expect(foreign.status).toBe(403);
      }
    } finally {
      await booted.close();
    }
  });

  it('stands open with origins: false, with a warning', async () => {
    const booted = await boot(adapter, { origins: false });
    try {
      const answer = await send(booted, 'POST', {
        origin: 'https://evil.example',
        host: 'evil.example',
      });
      expect(answer.status).toBe(200);
      expect(booted.logger.of('warn').join('\n')).toContain('origins is false');
    } finally {
      await booted.close();
    }
  });

  it.each([
    ['open to all', {}],
    ['with an origin of its own', { origin: [APP], credentials: true }],
    ['with exposed headers', { origin: true, exposedHeaders: ['X-Total'] }],
  ])('doubles no header beside CORS of the application %s', async (_, cors) => {
    const booted = await boot(
      adapter,
      { origins: { allow: [APP] } },
      { configure: (app) => app.enableCors(cors) },
    );
    try {
      const answer = await send(booted, 'POST', { origin: APP });
      expect(answer.status).toBe(200);
      expect(answer.values('access-control-allow-origin')).toEqual([APP]);
      expect(answer.values('access-control-expose-headers')).toHaveLength(1);
      expect(answer.values('access-control-expose-headers')[0]).toMatch(
        /www-authenticate/i,
      );
      expect(
        answer
          .values('vary')
          .join()
          .split(',')
          .filter((name) => name.trim().toLowerCase() === 'origin').length,
      ).toBeLessThanOrEqual(1);
      const foreign = await send(booted, 'POST', {
        origin: 'https://evil.example',
      });
      expect(foreign.status).toBe(403);
    } finally {
      await booted.close();
    }
  });
});
