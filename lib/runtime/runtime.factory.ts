import { Inject, Injectable, Logger } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider.invoker.js';
import { createPrompt } from '../prompts/create-prompt.js';
import type { Prompt } from '../prompts/prompt.interface.js';
import { createProviderResource } from '../resources/provider-resource.js';
import type { Resource } from '../resources/resource.interface.js';
import { sharedSchemaSources } from '../schema/sources/schema.loader.js';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import { createProviderTool } from '../tools/provider-tool.js';
import type { ToolBuild } from '../tools/tool-build.interface.js';
import { checkToolName } from '../tools/tool-name.js';
import type { Tool } from '../tools/tool.interface.js';
import {
  type McpPromptDefinition,
  type McpResourceDefinition,
  type McpToolDefinition,
  PROMPT_DEFINITION_KEYS,
  RESOURCE_DEFINITION_KEYS,
  TOOL_DEFINITION_KEYS,
} from './runtime-definition.interface.js';
import { type RuntimeMethod, runtimeMethod } from './runtime-method.js';
import { checkOptions } from '../options/option-keys.js';

const REGISTER = 'McpRegistry.register(…)';

/**
 * Builds what is registered while the application runs, as what its providers
 * declare is built.
 */
@Injectable()
export class RuntimeFactory {
  private readonly logger = new Logger('McpRegistry');
  private readonly invoker: ProviderInvoker;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    contexts: ExternalContextCreator,
  ) {
    this.invoker = new ProviderInvoker(contexts);
  }

  /** @throws Error for a name, schema, rule or handler that cannot be */
  async tool(definition: McpToolDefinition): Promise<Tool> {
    checkOptions(REGISTER, definition, TOOL_DEFINITION_KEYS);
    const { name, title, description = title ?? name } = definition;
    const candidate = runtimeMethod(String(name), definition);
    const build = await this.build();
    checkToolName(String(name), candidate.origin, build.warn);
    const options = { ...optionsOf(definition), description };
    return createProviderTool(
      name,
      { ...candidate, kind: 'provider', moduleName: '', options },
      build,
      this.invoker,
    );
  }

  /** @throws Error for a URI, rule or handler that cannot be */
  async resource(definition: McpResourceDefinition): Promise<Resource> {
    checkOptions(REGISTER, definition, RESOURCE_DEFINITION_KEYS);
    const { uri, name = uri } = definition;
    return createProviderResource(
      {
        ...runtimeMethod(String(uri), definition),
        kind: 'provider',
        options: { ...optionsOf(definition), name },
      },
      await this.build(),
      this.invoker,
    );
  }

  /** @throws Error for a name, schema, rule or handler that cannot be */
  async prompt(definition: McpPromptDefinition): Promise<Prompt> {
    checkOptions(REGISTER, definition, PROMPT_DEFINITION_KEYS);
    const { name } = definition;
    const candidate = runtimeMethod(String(name), definition);
    if (typeof name !== 'string' || name === '') {
      throw new Error(`${candidate.origin} has no name. Give one.`);
    }
    return createPrompt(
      { ...candidate, options: optionsOf(definition) },
      await this.build(),
      this.invoker,
    );
  }

  private async build(): Promise<ToolBuild> {
    return {
      settings: this.settings,
      sources: await sharedSchemaSources(),
      logger: this.logger,
      warn: (message) => this.logger.warn(message),
    };
  }
}

/** What is no option of a decorator. */
const OWN_KEYS = ['kind', 'handler', 'scopes', 'public', 'authorize'] as const;

/** What a decorator would have been given. An option given as undefined is one not given. */
function optionsOf<D extends RuntimeMethod>(
  definition: D,
): Omit<D, (typeof OWN_KEYS)[number]> {
  const own: readonly string[] = OWN_KEYS;
  return Object.fromEntries(
    Object.entries(definition).filter(
      ([key, value]) => value !== undefined && !own.includes(key),
    ),
  ) as Omit<D, (typeof OWN_KEYS)[number]>;
}
