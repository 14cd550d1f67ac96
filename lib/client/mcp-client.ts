import {
  type Client,
  type CompleteRequestParams,
  type CompleteResult,
  type GetPromptResult,
  LOG_LEVEL_META_KEY,
  type Prompt,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplateType,
  type Tool,
} from '@modelcontextprotocol/client';
import {
  currentHeaders,
  getAccessToken,
} from '../auth/context/request-context.js';
import type { ClientCaller } from './auth/client-auth.js';
import {
  type McpClientCallOptions,
  type McpToolResult,
  toolResult,
} from './calls/call-options.js';
import type { CallServices } from './calls/call-services.js';
import { REPEATABLE, type Send } from './calls/call.runner.js';
import type { McpClientSubscription } from './calls/subscription.js';

/**
 * A client of one MCP server, to be injected by its name:
 *
 * ```ts
 * constructor(@InjectMcpClient('billing') private readonly billing: McpClient) {}
 * ```
 *
 * Calls are made for the caller of the current request, where the server's
 * `auth` tells callers apart; {@link forCaller} names another. All methods
 * throw an `McpClientError`, or the reason of the signal.
 *
 * @publicApi
 */
export class McpClient {
  /** @param services of one server */
  constructor(
    private readonly services: CallServices,
    private readonly callerGiven?: ClientCaller,
  ) {}

  /** Name of the server, as in `McpClientModule.forRoot()`. */
  get name(): string {
    return this.services.name;
  }

  /** The same client, on behalf of another caller than that of the current request. */
  forCaller(caller: ClientCaller): McpClient {
    return new McpClient(this.services, caller);
  }

  /**
   * Calls a tool.
   *
   * @throws McpCallError where the server refuses the call, or the tool fails
   */
  async callTool<Result = unknown>(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: McpClientCallOptions = {},
  ): Promise<McpToolResult<Result>> {
    const { names, hooks } = this.services;
    const tool = names.own(name);
    return hooks.around(tool, args, async () =>
      toolResult<Result>(
        this.name,
        await this.services.runner.run(
          this.caller,
          this.services.withProgress(tool, options),
          () => this.isRepeatable(name),
          (client, request) =>
            client.callTool(
              {
                name: tool,
                arguments: { ...args },
                _meta: this.meta(client),
              },
              request,
            ),
          this.forwarded(),
        ),
      ),
    );
  }

  /** The tools that may be called, from what is known where that is fresh. */
  async tools(options: McpClientCallOptions = {}): Promise<Tool[]> {
    const { tools } = await this.read(options, (client, request) =>
      client.listTools(undefined, request),
    );
    return this.services.names.shown(tools);
  }

  /** The resources that the server lists. */
  async resources(options: McpClientCallOptions = {}): Promise<Resource[]> {
    const { resources } = await this.read(options, (client, request) =>
      client.listResources(undefined, request),
    );
    return resources;
  }

  /** The templates of resources that the server lists. */
  async resourceTemplates(
    options: McpClientCallOptions = {},
  ): Promise<ResourceTemplateType[]> {
    const { resourceTemplates } = await this.read(options, (client, request) =>
      client.listResourceTemplates(undefined, request),
    );
    return resourceTemplates;
  }

  /** Reads a resource; kept for as long as the server says. */
  readResource(
    uri: string,
    options: McpClientCallOptions = {},
  ): Promise<ReadResourceResult> {
    return this.read(options, (client, request) =>
      client.readResource(
        { uri },
        {
          ...request,
          // Before 2026-07-28 servers do not say how long.
          cacheMode: client.getProtocolEra() === 'modern' ? 'use' : 'bypass',
        },
      ),
    );
  }

  /** The prompts that the server lists. */
  async prompts(options: McpClientCallOptions = {}): Promise<Prompt[]> {
    const { prompts } = await this.read(options, (client, request) =>
      client.listPrompts(undefined, request),
    );
    return prompts;
  }

  /** A prompt, filled in with these arguments. */
  getPrompt(
    name: string,
    args: Readonly<Record<string, string>> = {},
    options: McpClientCallOptions = {},
  ): Promise<GetPromptResult> {
    return this.read(options, (client, request) =>
      client.getPrompt({ name, arguments: { ...args } }, request),
    );
  }

  /** Proposals for an argument of a prompt, or a variable of a resource template. */
  async complete(
    params: CompleteRequestParams,
    options: McpClientCallOptions = {},
  ): Promise<CompleteResult['completion']> {
    const { completion } = await this.read(options, (client, request) =>
      client.complete(params, request),
    );
    return completion;
  }

  /**
   * Calls `onUpdated` whenever the server tells that a resource has changed,
   * also on a connection that replaces a lost one.
   */
  subscribe(
    uri: string,
    onUpdated: () => void,
  ): Promise<McpClientSubscription> {
    const { connections, subscriptions } = this.services;
    return subscriptions.open(connections.of(this.caller), uri, onUpdated);
  }

  /**
   * Connects, where there is no connection yet, and asks whether the server is
   * there.
   */
  async ping(options: McpClientCallOptions = {}): Promise<void> {
    await this.read(options, async (client, request) => {
      await (client.getProtocolEra() === 'modern'
        ? client.discover(request)
        : client.ping(request));
    });
  }

  /** What the server says of how to use it; undefined where it says nothing. */
  instructions(
    options: McpClientCallOptions = {},
  ): Promise<string | undefined> {
    return this.read(options, (client) =>
      Promise.resolve(client.getInstructions()),
    );
  }

  /** The SDK's client, connected, for what has no method here. It is replaced where the connection is lost. */
  sdk(signal?: AbortSignal): Promise<Client> {
    return this.services.connections.of(this.caller).open(signal);
  }

  private get caller(): ClientCaller {
    return this.callerGiven ?? ambientCaller();
  }

  private read<T>(options: McpClientCallOptions, send: Send<T>): Promise<T> {
    return this.services.runner.run(
      this.caller,
      options,
      REPEATABLE,
      send,
      this.forwarded(),
    );
  }

  private async isRepeatable(name: string): Promise<boolean> {
    const tools = await this.tools().catch(() => []);
    const hints = tools.find((tool) => tool.name === name)?.annotations;
    return !!(hints?.readOnlyHint || hints?.idempotentHint);
  }

  private meta(client: Client): Record<string, unknown> {
    const { logLevel } = this.services.settings;
    return {
      ...this.services.trace?.meta(),
      ...(logLevel !== undefined &&
        client.getProtocolEra() === 'modern' && {
          [LOG_LEVEL_META_KEY]: logLevel,
        }),
    };
  }

  /** Headers of the current request that go with a call. */
  private forwarded(): Record<string, string> | undefined {
    const { forwardHeaders } = this.services.settings;
    if (forwardHeaders.length === 0) {
      return undefined;
    }
    const headers = currentHeaders();
    return Object.fromEntries(
      forwardHeaders.flatMap((name) => {
        const value = headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
  }
}

/** Whom the current request came from. */
function ambientCaller(): ClientCaller {
  const token = getAccessToken();
  return token
    ? {
        token: token.token,
        ...(token.subject !== undefined && {
          user: JSON.stringify([token.issuer ?? null, token.subject]),
        }),
      }
    : {};
}
