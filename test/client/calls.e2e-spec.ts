import { setTimeout as pause } from 'node:timers/promises';
import {
  McpCallError,
  type McpClientServerOptions,
  McpTimeoutError,
} from '../../lib/client/index.js';
import { WorkshopModule, type Workshop } from '../fixtures/client/workshop.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { bootClients, type CallingApp } from '../support/mcp-client.js';
import { until } from '../support/until.js';

describe.each(
  ADAPTERS.flatMap((adapter) => ERAS.map((era) => ({ adapter, era }))),
)('a client of a server on $adapter, in the $era era', ({ adapter, era }) => {
  let server: BootedApp;
  let calling: CallingApp;
  const state: Workshop = { runs: [], aborted: [], failures: 0 };
  const call = (
    ...args: Parameters<ReturnType<CallingApp['client']>['callTool']>
  ) => calling.client('workshop').callTool(...args);
  const boot = (options: McpClientServerOptions = {}) =>
    bootClients({ workshop: { url: `${server.url}/mcp`, era, ...options } });

  beforeAll(async () => {
    server = await bootApp(
      WorkshopModule.with({ legacy: { sessions: true } }, state),
      adapter,
      UNHELD,
    );
    calling = await boot();
  });
  afterAll(async () => {
    await calling.close();
    await server.close();
  });

  it('gives structured content, text and content of a tool', async () => {
    const result = await calling
      .client('workshop')
      .callTool<{ greeting: string }>('greet', { name: 'Ada' });
    expect(result.structuredContent.greeting).toBe('Hello, Ada');
    expect(JSON.parse(result.text)).toEqual({ greeting: 'Hello, Ada' });
    expect(result.content).toHaveLength(1);
  });

  it('throws what the tool says where it fails', async () => {
    const failure = await call('fail').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(McpCallError);
    expect(failure).toMatchObject({ server: 'workshop', code: undefined });
  });

  it('throws what the server says of a tool that it does not have', async () => {
    await expect(call('nothing')).rejects.toMatchObject({
      name: 'McpCallError',
      code: -32602,
    });
  });

  it('throws what the server says of arguments that do not fit', async () => {
    await expect(call('greet', { name: 7 })).rejects.toThrow(McpCallError);
  });

  it('tells how far a call is', async () => {
    const seen: number[] = [];
    await call(
      'wait',
      { steps: 3 },
      {
        onProgress: ({ progress }) => seen.push(progress),
      },
    );
    expect(seen).toEqual([1, 2, 3]);
  });

  it('stops a call that its caller aborts, at the server as well', async () => {
    const abort = new AbortController();
    const [runs, before] = [state.runs.length, state.aborted.length];
    const calls = call('wait', { steps: 500 }, { signal: abort.signal });
    await until(() => state.runs.length > runs);
    const reason = new Error('no longer needed');
    abort.abort(reason);
    await expect(calls).rejects.toBe(reason);
    await until(() => state.aborted.length === before + 1);
  });

  it('gives up after the time that a call may take', async () => {
    await expect(
      call('wait', { steps: 500 }, { timeout: 100 }),
    ).rejects.toThrow(McpTimeoutError);
  });

  it('lists, reads, prompts and completes', async () => {
    const client = calling.client('workshop');
    expect((await client.tools()).map(({ name }) => name)).toContain('greet');
    expect((await client.resources()).map(({ uri }) => uri)).toEqual([
      'workshop://note',
    ]);
    expect(await client.resourceTemplates()).toEqual([]);
    expect(
      (await client.readResource('workshop://note')).contents[0],
    ).toMatchObject({
      text: 'first',
    });
    expect((await client.prompts()).map(({ name }) => name)).toEqual(['plan']);
    expect(
      (await client.getPrompt('plan', { wood: 'oak' })).messages[0]?.content,
    ).toMatchObject({ text: 'Plan something of oak' });
    expect(
      (
        await client.complete({
          ref: { type: 'ref/prompt', name: 'plan' },
          argument: { name: 'wood', value: 'o' },
        })
      ).values,
    ).toEqual(['oak', 'olive']);
    await client.ping();
  });

  it('tells of changes of a resource until the subscription is closed', async () => {
    const client = calling.client('workshop');
    let updates = 0;
    const subscription = await client.subscribe('workshop://note', () => {
      updates += 1;
    });
    await client.callTool('write', { note: 'second' });
    await until(() => updates === 1);
    expect(
      (await client.readResource('workshop://note')).contents[0],
    ).toMatchObject({
      text: 'second',
    });
    await subscription.close();
    await client.callTool('write', { note: 'first' });
    await pause(100);
    expect(updates).toBe(1);
  });

  it('calls only the tools that its options name, with a prefix', async () => {
    const other = await boot({
      tools: { include: ['greet', 'fail'], exclude: ['fail'], prefix: 'w_' },
    });
    const client = other.client('workshop');
    expect((await client.tools()).map(({ name }) => name)).toEqual(['w_greet']);
    expect((await client.callTool('w_greet', { name: 'Bo' })).text).toContain(
      'Bo',
    );
    for (const name of ['greet', 'w_fail', 'w_wait']) {
      await expect(client.callTool(name)).rejects.toThrow('left out');
    }
    await other.close();
  });

  it('runs hooks around calls', async () => {
    const seen: unknown[] = [];
    const other = await boot({
      hooks: {
        before: ({ tool, arguments: args }) => {
          seen.push([tool, args]);
          if (tool === 'wait') {
            throw new Error('not today');
          }
        },
        after: ({ tool, error, duration }) => {
          seen.push([tool, error instanceof McpCallError, duration > 0]);
        },
      },
    });
    await other.client('workshop').callTool('greet', { name: 'Bo' });
    await other
      .client('workshop')
      .callTool('fail')
      .catch(() => undefined);
    await expect(
      other.client('workshop').callTool('wait', { steps: 1 }),
    ).rejects.toThrow('not today');
    expect(seen).toEqual([
      ['greet', { name: 'Bo' }],
      ['greet', false, true],
      ['fail', {}],
      ['fail', true, true],
      ['wait', { steps: 1 }],
    ]);
    await other.close();
  });
});

it('refuses an option of a call that does not exist', async () => {
  const calling = await bootClients({
    none: { url: 'http://127.0.0.1:9/mcp' },
  });
  await expect(
    calling.client('none').callTool('a', {}, { timout: 1 } as never),
  ).rejects.toThrow('Did you mean timeout?');
  await calling.close();
});
