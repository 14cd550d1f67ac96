import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { ListedTool, ToolResult } from './call-tool.js';

/** A connected client of either SDK, reduced to what the tests compare. */
export interface InteropClient {
  readonly server: { name: string; version: string } | undefined;
  readonly instructions: string | undefined;
  /**
   * What `structuredContent` is for a JSON body: itself, but before 2026-07-28
   * it has to be an object, so that anything else is wrapped.
   */
  structured(body: unknown): unknown;
  listTools(): Promise<ListedTool[]>;
  callTool(name: string, args: Record<string, unknown>): Promise<ToolResult>;
  close(): Promise<void>;
}

type Connect = (
  endpoint: string,
  headers: Record<string, string>,
) => Promise<InteropClient>;

/** The four ways of connecting that a server must answer alike, for `describe.each`. */
export const INTEROP_CLIENTS: readonly (readonly [string, Connect])[] = [
  ['the v2 client in auto mode', connectV2('auto', 'modern')],
  ['the v2 client on 2026-07-28', connectV2({ pin: '2026-07-28' }, 'modern')],
  ['the v2 client in legacy mode', connectV2('legacy', 'legacy')],
  ['the v1 client', connectV1],
];

function connectV2(mode: VersionNegotiationMode, era: string): Connect {
  return async (endpoint, headers) => {
    const client = new Client(
      { name: 'interop', version: '2.0.0' },
      { versionNegotiation: { mode } },
    );
    await client.connect(
      new StreamableHTTPClientTransport(new URL(endpoint), {
        requestInit: { headers },
      }),
    );
    if (client.getProtocolEra() !== era) {
      throw new Error(`negotiated ${client.getProtocolEra()}, not ${era}`);
    }
    return reduce(client, era);
  };
}

async function connectV1(
  endpoint: string,
  headers: Record<string, string>,
): Promise<InteropClient> {
  const client = new V1Client({ name: 'interop', version: '1.0.0' });
  await client.connect(
    // Its optional members are typed in a way that `strict` refuses.
    new V1Transport(new URL(endpoint), { requestInit: { headers } }) as never,
  );
  return reduce(client, 'legacy');
}

const reduce = (client: Client | V1Client, era: string): InteropClient => ({
  server: client.getServerVersion(),
  instructions: client.getInstructions(),
  structured: (body) =>
    era === 'legacy' && Array.isArray(body) ? { result: body } : body,
  listTools: async () => {
    const { tools } = await client.listTools();
    return tools as unknown as ListedTool[];
  },
  callTool: async (name, args) => {
    const result = (await client.callTool({
      name,
      arguments: args,
    })) as Partial<ToolResult>;
    const content = result.content ?? [];
    return {
      content,
      structuredContent: result.structuredContent,
      isError: result.isError === true,
      text: content.map(({ text }) => text ?? '').join('\n'),
    };
  },
  close: () => client.close(),
});
