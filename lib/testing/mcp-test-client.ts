import type {
  CallToolResult,
  Client,
  GetPromptResult,
  ReadResourceResult,
  RequestOptions,
  StreamableHTTPClientTransport,
  Tool,
} from '@modelcontextprotocol/client';

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
