import { Injectable, Module } from '@nestjs/common';
import { McpContext, McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import {
  LEGACY_VERSION,
  rpc,
  type RpcAnswer,
  type RpcMessage,
} from '../support/json-rpc.js';

const LOG_LEVEL = 'io.modelcontextprotocol/logLevel';

@Injectable()
class LoggingTools {
  @McpTool({ name: 'logs' })
  logs(_args: unknown, { log }: McpContext): string {
    void log.debug('at debug');
    void log.info('at info', 'cats');
    void log.warning({ at: 'warning' });
    void log.emergency('at emergency');
    return 'done';
  }
}

@Module({ imports: [McpModule.forRoot()], providers: [LoggingTools] })
class AppModule {}

const logged = (messages: readonly RpcMessage[]): unknown[] =>
  messages
    .filter(({ method }) => method === 'notifications/message')
    .map(({ params }) => params?.['data']);

describe.each(ADAPTERS)('log messages on %s', (adapter) => {
  let booted: BootedApp;
  const call = (
    meta: Record<string, unknown> = {},
    headers: Record<string, string> = {},
    era: 'modern' | 'legacy' = 'modern',
  ): Promise<RpcAnswer> =>
    rpc(
      `${booted.url}/mcp`,
      era,
      'tools/call',
      { name: 'logs', arguments: {} },
      { meta, headers },
    );

  beforeAll(async () => {
    booted = await bootApp(AppModule, adapter);
  });
  afterAll(() => booted.close());

  it.each([
    ['debug', ['at debug', 'at info', { at: 'warning' }, 'at emergency']],
    ['warning', [{ at: 'warning' }, 'at emergency']],
    ['emergency', ['at emergency']],
  ])(
    'come at the level that the request asks for, and above: %s (MCP 2026-07-28, Logging)',
    async (level, expected) => {
      const { messages } = await call({ [LOG_LEVEL]: level });
      expect(logged(messages)).toEqual(expected);
    },
  );

  it('do not come where the request asks for none, whatever one before it did (MCP 2026-07-28, Logging)', async () => {
    await call({ [LOG_LEVEL]: 'debug' });
    const { messages } = await call();
    expect(logged(messages)).toEqual([]);
  });

  it('of a level that is none are refused with -32602 (MCP 2026-07-28, Logging)', async () => {
    const { response } = await call({ [LOG_LEVEL]: 'loud' });
    expect(response?.error).toMatchObject({ code: -32602 });
  });

  it('are filtered in a session by logging/setLevel, which refuses a level that is none (MCP 2025-11-25, Logging)', async () => {
    const endpoint = `${booted.url}/mcp`;
    const begun = await rpc(endpoint, 'legacy', 'initialize', {
      protocolVersion: LEGACY_VERSION,
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    });
    expect(begun.response?.result?.['capabilities']).toHaveProperty('logging');
    const headers = {
      'mcp-session-id': begun.headers.get('mcp-session-id') ?? '',
    };
    const set = (level: string): Promise<RpcAnswer> =>
      rpc(endpoint, 'legacy', 'logging/setLevel', { level }, { headers });
    expect((await set('warning')).response?.result).toEqual({});
    expect(logged((await call({}, headers, 'legacy')).messages)).toEqual([
      { at: 'warning' },
      'at emergency',
    ]);
    expect((await set('loud')).response?.error).toMatchObject({
      code: -32602,
    });
    expect(logged((await call({}, headers, 'legacy')).messages)).toHaveLength(
      2,
    );
  });

  it('name what logs, and no more than they were given (MCP, Logging)', async () => {
    const { messages } = await call({ [LOG_LEVEL]: 'info' });
    expect(
      messages.find(({ params }) => params?.['logger'] === 'cats')?.params,
    ).toEqual({ level: 'info', logger: 'cats', data: 'at info' });
  });
});
