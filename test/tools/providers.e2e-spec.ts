import { Module } from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import {
  ProviderToolsModule,
  Trace,
} from '../fixtures/exposure/provider-tools.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

@Module({
  imports: [McpModule.forRoot({ name: 'providers' }), ProviderToolsModule],
})
class App {}

const open = { headers: { authorization: 'Bearer open' } };

describe.each(ADAPTERS)('a provider method as a tool on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  let trace: Trace;

  beforeAll(async () => {
    booted = await bootApp(App, adapter);
    endpoint = `${booted.url}/mcp`;
    trace = booted.app.get(Trace, { strict: false });
  });
  beforeEach(() => void trace.steps.splice(0));
  afterAll(() => booted?.close());

  it('is named, described and typed like a route', async () => {
    const tools = await listTools(endpoint);
    expect(tools.map(({ name }) => name)).toEqual(
      [
        'greet',
        'greetings_add',
        'greetings_closed',
        'greetings_counting',
        'greetings_crashed',
        'greetings_filtered',
        'greetings_filtered_plainly',
        'greetings_refused',
        'greetings_slow',
        'greetings_throttled',
        'who',
      ].toSorted(),
    );
    const greet = tools.find(({ name }) => name === 'greet');
    expect(greet?.description).toBe('Says hello');
    expect(greet?.inputSchema).toMatchObject({
      type: 'object',
      properties: { name: { type: 'string' }, times: { minimum: 1 } },
      required: ['name', 'times'],
    });
    const add = tools.find(({ name }) => name === 'greetings_add');
    expect(add?.inputSchema.properties).toMatchObject({
      a: { type: 'number' },
      b: { type: 'number' },
    });
  });

  it.each(ERAS)(
    'runs guard, interceptor, pipe and method in order (%s)',
    async (era) => {
      const result = await callTool(
        endpoint,
        'greet',
        { name: 'Ada', times: 2 },
        { ...open, era },
      );
      expect(result.structuredContent).toEqual({
        wrapped: { greeting: 'Hello ADAHello ADA' },
      });
      expect(trace.steps.filter((step) => step !== 'pipe')).toEqual([
        'guard of mcp',
        'interceptor',
        'method',
      ]);
      expect(trace.steps.indexOf('pipe')).toBe(2);
    },
  );

  it('is not reached where its guard refuses', async () => {
    const result = await callTool(endpoint, 'greet', { name: 'x', times: 1 });
    expect(result.isError).toBe(true);
    expect(result.text).toContain('403');
    expect(trace.steps).toEqual(['guard of mcp']);
  });

  it('is not reached with arguments that break its schema', async () => {
    const result = await callTool(
      endpoint,
      'greet',
      { name: 'x', times: 0 },
      open,
    );
    expect(result.isError).toBe(true);
    expect(result.text).toContain('times');
    expect(trace.steps).toEqual([]);
  });

  it('is guarded by the guards of the application too', async () => {
    const closed = await callTool(endpoint, 'greetings_closed');
    expect(closed.isError).toBe(true);
    expect(closed.text).toContain('403');
    const banned = await rpc(
      endpoint,
      'modern',
      'tools/call',
      { name: 'greetings_add', arguments: { a: 1, b: 2 } },
      { headers: { 'x-banned': 'yes' } },
    );
    expect(banned.status).toBe(403);
  });

  it('answers with what its filter makes of an error', async () => {
    const plain = await callTool(endpoint, 'greetings_filtered_plainly');
    expect(plain.structuredContent).toEqual({
      filtered: 'mcp',
      message: 'kettle',
    });
  });

  it('answers with what an Observable of its filter emits', async () => {
    const result = await callTool(endpoint, 'greetings_filtered');
    expect(result.structuredContent).toEqual({ filtered: 'mcp' });
  });

  it.each([
    ['refused', '400', 'The pot is empty'],
    ['throttled', '429', 'Slow down'],
  ])('tells status and message when %s', async (name, status, message) => {
    const result = await callTool(endpoint, `greetings_${name}`);
    expect(result.isError).toBe(true);
    expect(result.text).toContain(status);
    expect(result.text).toContain(message);
  });

  it('tells nothing of a crash', async () => {
    const result = await callTool(endpoint, 'greetings_crashed');
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain('hunter2');
    expect(booted.logger.of('error').join('\n')).toContain('hunter2');
  });

  it('is given up after its timeout, and told by its signal', async () => {
    const result = await callTool(endpoint, 'greetings_slow');
    expect(result.isError).toBe(true);
    expect(result.text).toMatch(/time|150 ms/i);
    expect(trace.steps).toContain('aborted');
  });

  it.each(ERAS)('reports progress to who asked for it (%s)', async (era) => {
    const answer = await rpc(
      endpoint,
      era,
      'tools/call',
      { name: 'greetings_counting', arguments: {} },
      { meta: { progressToken: 7 } },
    );
    const progress = answer.messages
      .filter(({ method }) => method === 'notifications/progress')
      .map(({ params }) => params);
    expect(progress).toMatchObject(
      [1, 2, 3].map((step) => ({
        progressToken: 7,
        progress: step,
        total: 3,
        message: `step ${step}`,
      })),
    );
    expect(answer.response?.result?.['structuredContent']).toEqual({
      tool: 'greetings_counting',
      done: true,
    });
    const silent = await rpc(endpoint, era, 'tools/call', {
      name: 'greetings_counting',
      arguments: {},
    });
    expect(silent.messages).toHaveLength(1);
  });

  it('returns a number as a number', async () => {
    const result = await callTool(endpoint, 'greetings_add', { a: 2, b: 40 });
    expect(result.text).toBe('42');
  });

  it('of a request-scoped provider is made for each call', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `Bearer ${index}`);
    const results = await Promise.all(
      names.map((authorization) =>
        callTool(endpoint, 'who', {}, { headers: { authorization } }),
      ),
    );
    const seen = results.map(
      ({ structuredContent }) =>
        structuredContent as { serial: number; authorization: string },
    );
    expect(seen.map(({ authorization }) => authorization)).toEqual(names);
    expect(new Set(seen.map((one) => one.serial)).size).toBe(names.length);
  });
});
