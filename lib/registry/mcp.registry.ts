import { Injectable } from '@nestjs/common';
import type {
  CallToolResult,
  Prompt as PromptDefinition,
  Resource as ResourceDefinition,
  ResourceTemplateType,
  Tool as ToolDefinition,
} from '@modelcontextprotocol/server';
import { OperationLoader } from './operation.loader.js';
import { McpNotify } from '../invocation/call/mcp-log.js';
import { PromptRegistry } from '../prompts/prompt.decorator.js';
import type { Prompt } from '../prompts/prompt.decorator.js';
import type { OperationRegistry } from '../server/operation.registry.js';
import { RuntimeFactory } from './runtime.factory.js';
import type {
  McpDefinition,
  McpRegistration,
} from './runtime-definition.interface.js';
import { ResourceRegistry } from '../resources/resource.registry.js';
import type { Resource } from '../resources/resource.registry.js';
import type { SchemaInput } from '../schema/sources/schema-reader.js';
import type { Tool } from '../tools/tool.registry.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { McpServerInstance } from '../server/mcp-server-instance.js';
import { ServerEvents } from '../transport/list-changes/server-events.js';
import { type LocalCallOptions, InProcessCalls } from './in-process-calls.js';

/**
 * What one MCP server offers. Inject it anywhere; where the application has
 * several servers, `app.get(McpRegistry, { each: true })` gives them all, to be
 * told apart by `name` or `path`.
 *
 * @publicApi
 */
@Injectable()
export class McpRegistry {
  /** Tells clients that something has changed, from outside a call: those that listen, on every instance, as far as they may know. */
  readonly notify: McpNotify;

  constructor(
    private readonly server: McpServerInstance,
    private readonly toolRegistry: ToolRegistry,
    private readonly resourceRegistry: ResourceRegistry,
    private readonly promptRegistry: PromptRegistry,
    private readonly loader: OperationLoader,
    private readonly factory: RuntimeFactory,
    private readonly calls: InProcessCalls,
    events: ServerEvents,
  ) {
    this.notify = new McpNotify((event) => events.publish(event));
  }

  /** Name of the server. */
  get name(): string {
    return this.server.name;
  }

  /** Full path of the endpoint; the global prefix is part of it once the application is initialised. */
  get path(): string {
    return this.server.path;
  }

  /** The tools as clients see them in `tools/list`, ordered by name. */
  get tools(): readonly ToolDefinition[] {
    return this.toolRegistry.definitions;
  }

  /** The resources as clients see them in `resources/list`, ordered by URI. */
  get resources(): readonly ResourceDefinition[] {
    return this.resourceRegistry.fixed.definitions;
  }

  /** The templates as clients see them in `resources/templates/list`, ordered by themselves. */
  get resourceTemplates(): readonly ResourceTemplateType[] {
    return this.resourceRegistry.templates.definitions;
  }

  /** The prompts as clients see them in `prompts/list`, ordered by name. */
  get prompts(): readonly PromptDefinition[] {
    return this.promptRegistry.definitions;
  }

  /**
   * Scans the application again, for providers that were loaded since, and
   * tells subscribed clients if a list has changed.
   *
   * @throws Error where a name or a schema cannot be; the old list then stays
   */
  async refresh(): Promise<void> {
    await this.loader.load(this.server.paths[0]);
  }

  /**
   * Adds a tool, resource or prompt while the application runs, on this
   * instance, and tells subscribed clients. It is called as a provider's is,
   * with global guards, pipes, interceptors and filters; `include` and
   * `exclude` do not apply.
   *
   * ```ts
   * const tool = await registry.register({
   *   name: 'rate',
   *   description: 'The exchange rate of today',
   *   inputSchema: z.object({ currency: z.string() }),
   *   handler: ({ currency }) => this.rates.of(currency),
   * });
   * tool.remove();
   * ```
   *
   * @throws Error where a name, a schema or a rule cannot be; the list then stays
   */
  async register<S extends SchemaInput = SchemaInput>(
    definition: McpDefinition<S>,
  ): Promise<McpRegistration> {
    // What the schema says of the arguments is checked on each call.
    const given = definition as McpDefinition;
    switch (given.kind) {
      case 'resource':
        return added(this.resourceRegistry, await this.factory.resource(given));
      case 'prompt':
        return added(this.promptRegistry, await this.factory.prompt(given));
      case 'tool':
      case undefined:
        return added(this.toolRegistry, await this.factory.tool(given));
      default:
        throw new Error(
          `McpRegistry.register(): kind is "${String((given as McpDefinition).kind)}". ` +
            'Write "tool", "resource" or "prompt".',
        );
    }
  }

  /**
   * Takes out what was registered while the application runs, and tells
   * subscribed clients. Calls under way go on.
   *
   * @param name of the tool or prompt; URI, or template, of the resource
   * @returns false where nothing of this name was registered
   */
  remove(
    name: string,
    kind: NonNullable<McpDefinition['kind']> = 'tool',
  ): boolean {
    switch (kind) {
      case 'resource':
        return this.resourceRegistry.remove(name);
      case 'prompt':
        return this.promptRegistry.remove(name);
      default:
        return this.toolRegistry.remove(name);
    }
  }

  /**
   * Calls a tool in process, for an agent in the same application: as a client
   * with that identity would, through the same checks, guards and pipeline. Its
   * questions are refused, and with them tools that ask for confirmation.
   *
   * ```ts
   * const { content } = await registry.call('notes_read', { id: 1 }, { identity: token });
   * ```
   *
   * @returns what a client would get, `isError` included
   * @throws Error for a tool that does not exist for this identity, and without
   * an identity
   */
  call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: LocalCallOptions,
  ): Promise<CallToolResult> {
    return this.calls.call(name, args, options);
  }
}

function added<T extends Tool | Resource | Prompt>(
  registry: OperationRegistry<T>,
  operation: T,
): McpRegistration {
  const { name } = operation;
  registry.add(operation);
  return {
    name,
    // A later one of this name is not this one.
    remove: () => registry.get(name) === operation && registry.remove(name),
  };
}
