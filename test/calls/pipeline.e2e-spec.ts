import { Module, ValidationPipe } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { McpModule } from '../../lib/index.js';
import { ProblemFilter } from '../fixtures/calls/failures.js';
import {
  DenyAllGuard,
  PipelineModule,
  Public,
  WrappingInterceptor,
} from '../fixtures/calls/pipeline.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

const strictGlobals = [
  { provide: APP_GUARD, useClass: DenyAllGuard },
  { provide: APP_INTERCEPTOR, useClass: WrappingInterceptor },
  {
    provide: APP_PIPE,
    useValue: new ValidationPipe({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
    }),
  },
];

@Module({
  imports: [
    McpModule.forRoot({ name: 'open door', decorators: [Public()] }),
    PipelineModule,
  ],
  providers: strictGlobals,
})
class OpenDoorModule {}

@Module({
  imports: [McpModule.forRoot({ name: 'closed door' }), PipelineModule],
  providers: strictGlobals,
})
class ClosedDoorModule {}

describe.each(ADAPTERS)('the pipeline of an application on %s', (adapter) => {
  describe('with a deny-all guard, a wrapping interceptor, a strict pipe and a filter', () => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(OpenDoorModule, adapter, {
        configure: (app) => void app.useGlobalFilters(new ProblemFilter()),
      });
      endpoint = `${booted.url}/mcp`;
    });
    afterAll(() => booted?.close());

    it.each(ERAS)('leaves the JSON-RPC messages alone (%s)', async (era) => {
      const answer = await rpc(endpoint, era, 'tools/list');
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.response ?? {}).toSorted()).toEqual([
        'id',
        'jsonrpc',
        'result',
      ]);
      expect(await listTools(endpoint, { era })).toHaveLength(4);
    });

    it('runs pipes and interceptors on the route, as over HTTP', async () => {
      const http = await fetch(`${booted.url}/notes/7`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'hi', stars: 5 }),
      });
      const result = await callTool(endpoint, 'notes_add', {
        id: 7,
        text: 'hi',
        stars: 5,
      });
      expect(result.structuredContent).toEqual({
        data: { id: 7, note: { text: 'hi', stars: 5 }, isDto: true },
        ok: true,
      });
      expect(result.structuredContent).toEqual(await http.json());
    });

    it('refuses a call of a route that the guard closes', async () => {
      const result = await callTool(endpoint, 'notes_closed');
      expect(result.isError).toBe(true);
      expect(result.text).toContain('403');
    });

    it('refuses where a guard of the route does', async () => {
      const result = await callTool(endpoint, 'notes_mine');
      expect(result.isError).toBe(true);
      expect(result.text).toContain('403');
    });

    it('makes a request-scoped controller for each call', async () => {
      for (const name of ['ada', 'bob']) {
        const result = await callTool(
          endpoint,
          'scoped_read',
          {},
          { headers: { authorization: `Bearer ${name}` } },
        );
        expect(result.structuredContent).toEqual({
          data: { calls: 1, header: `Bearer ${name}` },
          ok: true,
        });
      }
    });

    it('mixes no two of 200 callers at once', async () => {
      const names = Array.from({ length: 200 }, (_, index) => `user${index}`);
      const results = await Promise.all(
        names.map((name) =>
          callTool(
            endpoint,
            'notes_mine',
            {},
            { headers: { authorization: `Bearer ${name}` } },
          ),
        ),
      );
      const seen = results.map(
        (result) =>
          (result.structuredContent as { data: Record<string, unknown> }).data,
      );
      expect(seen.map(({ user }) => user)).toEqual(names);
      expect(seen.map(({ header }) => header)).toEqual(
        names.map((name) => `Bearer ${name}`),
      );
      expect(seen.every(({ same }) => same)).toBe(true);
      expect(new Set(seen.map(({ serial }) => serial)).size).toBe(200);
    });
  });

  it('closes the endpoint where nothing marks it for the deny-all guard', async () => {
    const booted = await bootApp(ClosedDoorModule, adapter);
    try {
      for (const era of ERAS) {
        const answer = await rpc(`${booted.url}/mcp`, era, 'tools/list');
        expect(answer.status).toBe(403);
        expect(answer.messages[0]?.jsonrpc).toBe('2.0');
        expect(answer.messages[0]?.error?.code).toEqual(expect.any(Number));
        expect(answer.messages[0]?.result).toBeUndefined();
      }
    } finally {
      await booted.close();
    }
  });
});
