import { Injectable, Module } from '@nestjs/common';
import { Agent, request } from 'node:http';
import {
  McpContext,
  McpModule,
  type McpModuleOptions,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import {
  type Era,
  ERAS,
  modernMeta,
  rpc,
  rpcHeaders,
  type RpcMessage,
} from '../support/json-rpc.js';

const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

@Injectable()
class ClientTools {
  @McpTool({
    name: 'client',
    _meta: { 'example.com/owner': 'cats', plain: true },
  })
  client(_args: unknown, context: McpContext): unknown {
    const { client, protocolVersion, era } = context;
    return { ...client, protocolVersion, era };
  }

  @McpTool({ name: 'asks' })
  async asks(_args: unknown, context: McpContext): Promise<string> {
    const answer = await context.elicit('Sure?', {
      type: 'object',
      properties: { sure: { type: 'boolean' } },
    });
    return answer.action;
  }
}

@Module({
  imports: [McpModule.forRoot({ cache: { ttlMs: 1000 } })],
  providers: [ClientTools],
})
class ToolsModule {}

@Module({ imports: [McpModule.forRoot()] })
class EmptyModule {}

/** Posts on one connection, request after request. */
const onConnection =
  (url: string, agent: Agent) =>
  (
    params: Record<string, unknown>,
    capabilities: Record<string, unknown>,
    clientName: string,
  ): Promise<{ status: number; message: RpcMessage; reused: boolean }> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: {
          ...params,
          _meta: modernMeta({
            [CAPABILITIES]: capabilities,
            'io.modelcontextprotocol/clientInfo': {
              name: clientName,
              version: '1',
            },
          }),
        },
      });
      const outgoing = request(
        `${url}/mcp`,
        {
          method: 'POST',
          agent,
          headers: rpcHeaders('modern', 'tools/call', params),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              message: JSON.parse(text) as RpcMessage,
              reused: outgoing.reusedSocket,
            }),
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });

/** Every key of every `_meta` in a message. */
function metaKeys(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([key, below]) => [
    ...(key === '_meta' ? Object.keys(below as object) : []),
    ...metaKeys(below),
  ]);
}

describe.each(ADAPTERS)('requests on %s', (adapter) => {
  let booted: BootedApp;
  let agent: Agent;

  beforeAll(async () => {
    booted = await bootApp(ToolsModule, adapter);
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
  });
  afterAll(async () => {
    agent.destroy();
    await booted.close();
  });

  it('are read alone: nothing of one counts for the next on its connection (MCP 2026-07-28, "Statelessness")', async () => {
    const send = onConnection(booted.url, agent);
    const able = await send(
      { name: 'asks', arguments: {} },
      { elicitation: { form: {} } },
      'first',
    );
    expect(able.message.result).toMatchObject({ resultType: 'input_required' });
    const unable = await send({ name: 'asks', arguments: {} }, {}, 'second');
    expect(unable.reused).toBe(true);
    expect(unable.status).toBe(400);
    expect(unable.message.error).toMatchObject({
      code: -32021,
      data: { requiredCapabilities: { elicitation: {} } },
    });
    const seen = await send({ name: 'client', arguments: {} }, {}, 'third');
    expect(seen.reused).toBe(true);
    expect(seen.message.result?.['structuredContent']).toMatchObject({
      info: { name: 'third' },
      capabilities: {},
    });
  });

  it('have no `_meta` keys but those of the protocol, and the application (MCP 2026-07-28, "_meta")', async () => {
    const keys = new Set<string>();
    for (const [method, params] of [
      ['server/discover', {}],
      ['tools/list', {}],
      ['tools/call', { name: 'client', arguments: {} }],
      ['nothing/here', {}],
    ] as const) {
      const { messages } = await rpc(
        `${booted.url}/mcp`,
        'modern',
        method,
        params,
      );
      metaKeys(messages).forEach((key) => keys.add(key));
    }
    expect([...keys].sort()).toEqual([
      'example.com/owner',
      'io.modelcontextprotocol/serverInfo',
      'plain',
    ]);
  });

  it('leave a list as it is, whoever asked what before (MCP 2026-07-28, Tools)', async () => {
    const list = async (era: Era): Promise<unknown> =>
      (await rpc(`${booted.url}/mcp`, era, 'tools/list')).response?.result?.[
        'tools'
      ];
    const before = await list('modern');
    await rpc(`${booted.url}/mcp`, 'legacy', 'initialize', {
      protocolVersion: '2025-06-18',
      capabilities: { elicitation: {} },
      clientInfo: { name: 'other', version: '1' },
    });
    await rpc(`${booted.url}/mcp`, 'modern', 'tools/call', {
      name: 'client',
      arguments: {},
    });
    expect(await list('modern')).toEqual(before);
    expect(await list('legacy')).toEqual(before);
  });
});

describe.each(ADAPTERS)('capabilities on %s', (adapter) => {
  const capabilitiesOf = async (
    url: string,
    era: Era,
  ): Promise<Record<string, unknown>> => {
    const { response } =
      era === 'modern'
        ? await rpc(`${url}/mcp`, era, 'server/discover')
        : await rpc(`${url}/mcp`, era, 'initialize', {
            protocolVersion: '2025-11-25',
            capabilities: {},
            clientInfo: { name: 'raw', version: '1' },
          });
    return response?.result?.['capabilities'] as Record<string, unknown>;
  };
  const LISTS = {
    tools: 'tools/list',
    resources: 'resources/list',
    prompts: 'prompts/list',
  };
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(EmptyModule, adapter);
  });
  afterAll(() => booted.close());

  it.each(ERAS)(
    'are declared exactly for what is served: a list that is declared is answered, one that is not is unknown (%s) (MCP, Lifecycle, "Capability Negotiation")',
    async (era) => {
      const capabilities = await capabilitiesOf(booted.url, era);
      expect(capabilities).not.toHaveProperty('resources');
      expect(capabilities).not.toHaveProperty('prompts');
      expect(capabilities).not.toHaveProperty('completions');
      for (const [name, method] of Object.entries(LISTS)) {
        const { response } = await rpc(`${booted.url}/mcp`, era, method);
        if (name in capabilities) {
          expect(response?.result?.[name]).toEqual([]);
        } else {
          expect(response?.error).toMatchObject({ code: -32601 });
        }
      }
    },
  );

  it.each(ERAS)(
    'name no extension, as none is implemented, and tasks are unknown (%s) (MCP, Extensions)',
    async (era) => {
      const capabilities = await capabilitiesOf(booted.url, era);
      expect(capabilities).not.toHaveProperty('extensions');
      expect(capabilities).not.toHaveProperty('tasks');
      const { response } = await rpc(
        `${booted.url}/mcp`,
        era,
        'tasks/get',
        { taskId: 'x' },
        { headers: era === 'modern' ? { 'mcp-name': 'x' } : {} },
      );
      expect(response?.error).toMatchObject({ code: -32601 });
    },
  );
});

describe.each(ADAPTERS)('what may be kept on %s', (adapter) => {
  it('is told with every list and every page of it, alike (MCP 2026-07-28, Caching)', async () => {
    @Module({
      imports: [
        McpModule.forRoot({
          limits: { pageSize: 1 },
          cache: { ttlMs: 60_000, cacheScope: 'public' },
        }),
      ],
      providers: [ClientTools],
    })
    class PagedModule {}
    const booted = await bootApp(PagedModule, adapter);
    const first = await rpc(`${booted.url}/mcp`, 'modern', 'tools/list');
    const second = await rpc(`${booted.url}/mcp`, 'modern', 'tools/list', {
      cursor: first.response?.result?.['nextCursor'],
    });
    await booted.close();
    for (const { response } of [first, second]) {
      expect(response?.result).toMatchObject({
        ttlMs: 60_000,
        cacheScope: 'public',
      });
    }
    expect(second.response?.result).not.toHaveProperty('nextCursor');
  });

  it('is private and nothing by default (MCP 2026-07-28, Caching)', async () => {
    const booted = await bootApp(EmptyModule, adapter);
    for (const method of ['server/discover', 'tools/list']) {
      const { response } = await rpc(`${booted.url}/mcp`, 'modern', method);
      expect(response?.result).toMatchObject({
        ttlMs: 0,
        cacheScope: 'private',
      });
    }
    await booted.close();
  });

  it.each([
    [{ ttlMs: -1 }, 'cache.ttlMs is -1'],
    [{ ttlMs: 0.5 }, 'cache.ttlMs is 0.5'],
    [{ cacheScope: 'shared' as never }, 'cache.cacheScope is "shared"'],
  ])('stops the application for %j', async (cache, message) => {
    @Module({ imports: [McpModule.forRoot({ cache })] })
    class WrongModule {}
    await expect(bootApp(WrongModule, adapter)).rejects.toThrow(message);
  });

  it('is never public where the lists depend on the caller (MCP 2026-07-28, Caching)', async () => {
    @Module({
      imports: [
        McpModule.forRoot({
          cache: { cacheScope: 'public' },
          auth: {
            resource: 'https://api.example.com/mcp',
            authorizationServers: ['https://login.example.com'],
            verifier: {
              jwksUri: 'https://login.example.com/jwks',
              issuer: 'https://login.example.com',
            },
          },
        }),
      ],
    })
    class PublicModule {}
    await expect(bootApp(PublicModule, adapter)).rejects.toThrow(
      'cache.cacheScope is "public", but the lists of this server depend on the caller',
    );
  });
});

describe.each(ADAPTERS)('a server without legacy clients on %s', (adapter) => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(modern({ legacy: false }), adapter);
  });

  afterAll(() => booted.close());

  it.each(['initialize', 'tools/list', 'tools/call'])(
    'tells who sends %s what it serves (MCP, Versioning)',
    async (method) => {
      const answer = await rpc(`${booted.url}/mcp`, 'legacy', method, {
        protocolVersion: '2025-11-25',
        capabilities: {},
        clientInfo: { name: 'old', version: '1' },
        name: 'now',
      });
      expect(answer.status).toBe(400);
      expect(answer.response?.error).toMatchObject({
        code: -32022,
        data: { supported: ['2026-07-28'] },
      });
      expect(answer.headers.get('mcp-session-id')).toBeNull();
    },
  );

  it('serves the others', async () => {
    const { response } = await rpc(`${booted.url}/mcp`, 'modern', 'tools/list');
    expect(response?.result).toBeDefined();
  });

  it.each([true, null, 'yes'])('is not made by legacy: %j', async (legacy) => {
    await expect(
      bootApp(modern({ legacy: legacy as never }), adapter),
    ).rejects.toThrow(/legacy is .* Write \{ sessions, sse \}, or false\./);
  });
});

function modern(options: McpModuleOptions) {
  @Module({ imports: [McpModule.forRoot({ name: 'modern', ...options })] })
  class ModernApp {}
  return ModernApp;
}
