import type {
  CallToolResult,
  Client,
  ClientCapabilities,
  CreateMessageRequest,
  CreateMessageResult,
  ElicitRequest,
  ElicitResult,
  GetPromptResult,
  ReadResourceResult,
  RequestOptions,
  Root,
  StreamableHTTPClientTransport,
  Tool,
} from '@modelcontextprotocol/client';
import type { OptionKeys } from '../options/option-keys.js';

/** How a client of `createMcpClient()` connects, and what it answers. @publicApi */
export interface McpTestClientOptions {
  /**
   * `'modern'`: 2026-07-28. `'legacy'`: the revisions before it, beginning with
   * `initialize`. @default 'modern'
   */
  readonly era?: 'modern' | 'legacy';
  /** Access token, sent as `Authorization: Bearer`. @default none */
  readonly token?: string;
  /** Headers of every request, such as those of an API key or a tenant. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Name or full path of the server, where the application has several. */
  readonly server?: string;

  /**
   * Answers what a tool asks the person: a form, or to open a URL. Left out,
   * the client says that it cannot ask anybody.
   */
  readonly elicit?: (
    params: ElicitRequest['params'],
  ) => ElicitResult | Promise<ElicitResult>;
  /** Answers what a tool asks the model. Left out, the client says that it has none. */
  readonly sample?: (
    params: CreateMessageRequest['params'],
  ) => CreateMessageResult | Promise<CreateMessageResult>;
  /** Folders that the client shows. Left out, it says that it has none to show. */
  readonly roots?: readonly Root[] | (() => readonly Root[]);
  /** Capabilities that the client declares, each in place of the one that the answers above give it. */
  readonly capabilities?: ClientCapabilities;
}

export const TEST_CLIENT_KEYS: OptionKeys<McpTestClientOptions> = {
  era: true,
  token: true,
  headers: true,
  server: true,
  elicit: 'method',
  sample: 'method',
  roots: 'method',
  capabilities: true,
};

/** A client that is connected to the application under test. @publicApi */
export class McpTestClient {
  /** @param client connected by `transport` */
  constructor(
    /** The SDK's client, for everything that has no method here. */
    readonly client: Client,
    private readonly transport: StreamableHTTPClientTransport,
  ) {}

  /**
   * Calls a tool. A tool that fails gives a result with `isError`.
   *
   * @param options such as `onprogress`, `signal` and `timeout`
   * @throws where the server refuses the call itself: 401 and 403, unknown
   * names; the SDK's errors tell status and body
   */
  callTool(
    name: string,
    args: Record<string, unknown> = {},
    options?: RequestOptions,
  ): Promise<CallToolResult> {
    return this.client.callTool({ name, arguments: args }, options);
  }

  /** Every tool that this caller may see, fetched anew. */
  async listTools(): Promise<Tool[]> {
    const { tools } = await this.client.listTools(undefined, {
      cacheMode: 'refresh',
    });
    return tools;
  }

  /** Reads a resource anew. */
  readResource(uri: string): Promise<ReadResourceResult> {
    return this.client.readResource({ uri }, { cacheMode: 'refresh' });
  }

  /** Gets a prompt, filled in with these arguments. */
  getPrompt(
    name: string,
    args: Record<string, string> = {},
  ): Promise<GetPromptResult> {
    return this.client.getPrompt({ name, arguments: args });
  }

  /** Ends the session, if there is one, and every stream; nothing is left open. */
  async close(): Promise<void> {
    if (this.transport.sessionId !== undefined) {
      // The server may have ended it already.
      await this.transport.terminateSession().catch(() => undefined);
    }
    await this.client.close();
  }
}
