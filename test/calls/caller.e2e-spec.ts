import { Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { McpModule } from '../../lib/index.js';
import { CallerModule, Waiting } from '../fixtures/calls/caller.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';
import { openStream } from '../support/open-stream.js';
import { until } from '../support/until.js';

@Module({
  imports: [
    McpModule.forRoot({ name: 'default' }),
    McpModule.forRoot({
      name: 'tenants',
      path: '/tenants',
      forwardHeaders: ['X-Custom', 'Cookie'],
    }),
    CallerModule,
  ],
})
class CallerApp {}

const SENT = {
  authorization: 'Bearer caller',
  'x-custom': 'custom',
  cookie: 'session=1',
  'x-forwarded-for': '203.0.113.9',
  'sec-fetch-site': 'cross-site',
  'x-other': 'other',
};

describe.each(ADAPTERS)(
  'what a route learns of its caller on %s',
  (adapter) => {
    let booted: BootedApp;

    beforeAll(async () => {
      booted = await bootApp(CallerApp, adapter);
    });
    afterAll(() => booted?.close());

    const headersOf = async (
      path: string,
    ): Promise<Record<string, unknown>> => {
      const result = await callTool(
        `${booted.url}${path}`,
        'caller_headers',
        {},
        { headers: SENT },
      );
      return result.structuredContent as Record<string, unknown>;
    };

    it('forwards the authorization header, and no other', async () => {
      const headers = await headersOf('/mcp');
      expect(headers['authorization']).toBe('Bearer caller');
      for (const name of [
        'x-custom',
        'cookie',
        'x-forwarded-for',
        'sec-fetch-site',
        'x-other',
        'mcp-method',
        'mcp-name',
        'mcp-protocol-version',
      ]) {
        expect(headers).not.toHaveProperty(name);
      }
    });

    it('forwards what is listed, in any case, in place of the default', async () => {
      const headers = await headersOf('/tenants');
      expect(headers['x-custom']).toBe('custom');
      expect(headers['cookie']).toBe('session=1');
      expect(headers).not.toHaveProperty('authorization');
    });

    it('takes an ordinary header as an argument', async () => {
      const result = await callTool(`${booted.url}/mcp`, 'caller_arguments', {
        'x-tenant': 'blue',
      });
      expect(result.structuredContent).toEqual({
        tenant: 'blue',
        hasHost: true,
      });
    });

    it.each([
      'authorization',
      'Authorization',
      'x-forwarded-for',
      'x-forwarded-host',
      'cookie',
      'origin',
      'host',
      'mcp-session-id',
      'sec-fetch-site',
      'content-type',
    ])('takes no argument for the header %s', async (name) => {
      const endpoint = `${booted.url}/mcp`;
      const tool = (await listTools(endpoint)).find(
        (listed) => listed.name === 'caller_arguments',
      );
      expect(Object.keys(tool?.inputSchema.properties ?? {})).toEqual([
        'x-tenant',
      ]);
      const result = await callTool(endpoint, 'caller_arguments', {
        [name]: 'forged',
      });
      expect(result.isError).toBe(true);
      expect(result.text).toContain(name);
    });

    it('carries the address, protocol and host of the caller', async () => {
      const http = await (await fetch(`${booted.url}/caller/address`)).json();
      const result = await callTool(`${booted.url}/mcp`, 'caller_address');
      expect(http).toMatchObject({ ip: '127.0.0.1', hostname: '127.0.0.1' });
      expect(result.structuredContent).toEqual(http);
    });

    it('marks the inner request, and nothing from outside can', async () => {
      const result = await callTool(`${booted.url}/mcp`, 'caller_mark');
      expect(result.structuredContent).toEqual({ tool: 'caller_mark' });
      const http = await fetch(`${booted.url}/caller/mark`, {
        headers: {
          'mcp-name': 'caller_mark',
          'mcp-method': 'tools/call',
          'x-mcp-call': 'caller_mark',
        },
      });
      expect(await http.json()).toEqual({ tool: null });
    });

    it.each(ERAS)(
      'ends the inner request when the client goes away (%s)',
      async (era) => {
        const waiting = booted.app.get(Waiting, { strict: false });
        const before = { ...waiting };
        const call = openStream(
          `${booted.url}/mcp`,
          'tools/call',
          { name: 'caller_wait', arguments: {} },
          { era },
        );
        await until(() => waiting.started > before.started);
        expect(waiting.closed).toBe(before.closed);
        call.abandon();
        await call.ended;
        await until(() => waiting.closed > before.closed);
      },
    );
  },
);

describe('behind a proxy that express trusts', () => {
  it('carries the address that the proxy reports', async () => {
    const booted = await bootApp(CallerApp, 'express', {
      configure: (app) =>
        void (app as NestExpressApplication).set('trust proxy', true),
    });
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      'x-forwarded-proto': 'https',
    };
    try {
      const http = await fetch(`${booted.url}/caller/address`, { headers });
      const result = await callTool(
        `${booted.url}/mcp`,
        'caller_address',
        {},
        { headers },
      );
      const expected = { ip: '203.0.113.9', protocol: 'https' };
      expect(await http.json()).toMatchObject(expected);
      expect(result.structuredContent).toMatchObject(expected);
    } finally {
      await booted.close();
    }
  });
});
