import { Inject, Injectable, Logger, type Type } from '@nestjs/common';
import {
  McpAuthorize,
  McpPublic,
  McpScopes,
} from '../auth/access/access.decorators.js';
import { Invokers } from '../invocation/invokers.js';
import { syntheticProvider } from '../nest/provider-methods.js';
import { checkOptions } from '../options/option-keys.js';
import { createPrompt } from '../prompts/prompt.factory.js';
import type { Prompt } from '../prompts/prompt.decorator.js';
import { createProviderResource } from '../resources/provider-resource.js';
import type { Resource } from '../resources/resource.registry.js';
import { loadSchemaReader } from '../schema/sources/schema.loader.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
  type OperationBuild,
} from '../server/server-settings.js';
import { createProviderTool } from '../tools/provider-tool.js';
import { inWords } from '../tools/tool-description.js';
import { checkToolName, roomForName, warnOfNames } from '../tools/tool-name.js';
import type { Tool } from '../tools/tool.registry.js';
import {
  type McpPromptDefinition,
  type McpResourceDefinition,
  type McpToolDefinition,
  PROMPT_DEFINITION_KEYS,
  RESOURCE_DEFINITION_KEYS,
  type RuntimeAccess,
  TOOL_DEFINITION_KEYS,
} from './runtime-definition.interface.js';

const METHOD = 'handler';

/** What a definition says of the code behind it. */
interface RuntimeMethod extends RuntimeAccess {
  handler(args: never, context: never): unknown;
}

/** A method that stands for a definition. */
interface RuntimeCandidate {
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly origin: string;
  readonly wrapper: ReturnType<typeof syntheticProvider>;
}

/**
 * A class with one method for what is registered while the application runs,
 * so that rules, guards and the rest find what they find on a provider. It is a
 * new one each time: a function may be registered twice, with different rules.
 *
 * @throws Error without a handler
 */
function runtimeMethod(
  name: string,
  definition: RuntimeMethod,
): RuntimeCandidate {
  const origin = `McpRegistry.register(${JSON.stringify(name)})`;
  if (typeof definition.handler !== 'function') {
    throw new Error(`${origin} has no handler. Give a function.`);
  }
  class RuntimeOperation {
    handler(...given: [args: never, context: never]): unknown {
      return definition.handler(...given);
    }
  }
  decorate(Reflect.get(RuntimeOperation.prototype, METHOD), definition);
  return {
    owner: RuntimeOperation as Type<unknown>,
    methodName: METHOD,
    origin,
    wrapper: syntheticProvider(new RuntimeOperation()),
  };
}

function decorate(
  method: (...args: never) => unknown,
  { scopes = [], public: isPublic, authorize }: RuntimeAccess,
): void {
  const [first, ...others] = scopes;
  if (first !== undefined) {
    McpScopes(first, ...others)(method);
  }
  if (isPublic) {
    McpPublic()(method);
  }
  if (authorize) {
    McpAuthorize(authorize)(method);
  }
}

const REGISTER = 'McpRegistry.register(…)';

/**
 * Builds what is registered while the application runs, as what its providers
 * declare is built.
 */
@Injectable()
export class RuntimeFactory {
  private readonly logger = new Logger('McpRegistry');

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly invokers: Invokers,
  ) {}

  /** @throws Error for a name, schema, rule or handler that cannot be */
  async tool(definition: McpToolDefinition): Promise<Tool> {
    checkOptions(REGISTER, definition, TOOL_DEFINITION_KEYS);
    const { name, title, description = title ?? name } = definition;
    const candidate = runtimeMethod(String(name), definition);
    const build = await this.build();
    checkToolName(String(name), candidate.origin);
    warnOfNames([name], roomForName(this.settings.name), build.warn);
    const options = {
      ...optionsOf(definition),
      title: title ?? inWords(name),
      description,
    };
    return createProviderTool(
      name,
      { ...candidate, kind: 'provider', moduleName: '', options },
      build,
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
    );
  }

  private async build(): Promise<OperationBuild> {
    return {
      settings: this.settings,
      invokers: this.invokers,
      sources: await loadSchemaReader(),
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
