import type { Type } from '@nestjs/common';
import type { Icon, ToolAnnotations } from '@modelcontextprotocol/server';
import type { AccessPredicate } from '../auth/access/access.decorators.js';
import type { McpContext } from '../invocation/call/mcp-context.js';
import {
  PROMPT_KEYS,
  type McpPromptOptions,
} from '../prompts/prompt.decorator.js';
import {
  RESOURCE_KEYS,
  type McpResourceOptions,
} from '../resources/resource.decorator.js';
import type { UriVariables } from '../resources/uri.template.js';
import type { SchemaInput } from '../schema/sources/schema-reader.js';
import type {
  InferSchema,
  StandardSchema,
} from '../schema/sources/standard-schema.reader.js';
import type { OptionKeys } from '../options/option-keys.js';
import { ICON_KEYS } from '../server/module-keys.js';
import { TOOL_ANNOTATION_KEYS } from '../tools/tool.decorator.js';

/** Who may see and call what is registered; as `@McpScopes()`, `@McpPublic()` and `@McpAuthorize()` say. @publicApi */
export interface RuntimeAccess {
  /** Scopes that are asked for, all of them. @default none of its own */
  readonly scopes?: readonly string[];
  /** Listed and called without a token. @default false */
  readonly public?: boolean;
  /** Decides on each call. @default no call is refused */
  readonly authorize?: AccessPredicate;
}

/** The arguments that a schema describes. @publicApi */
export type ArgumentsOf<S extends SchemaInput> = S extends StandardSchema
  ? InferSchema<S>
  : S extends Type<infer T>
    ? T
    : Record<string, unknown>;

/** A tool that is registered while the application runs. @publicApi */
export interface McpToolDefinition<
  S extends SchemaInput = SchemaInput,
> extends RuntimeAccess {
  /** @default `'tool'` */
  readonly kind?: 'tool';
  /** 1 to 128 characters of `A-Z a-z 0-9 _ . -`; unique, whatever the case. */
  readonly name: string;
  /** Name for people. */
  readonly title?: string;
  /** What the tool does, for the model. @default its title, else its name */
  readonly description?: string;
  /** @default no arguments */
  readonly inputSchema?: S;
  /** What the tool returns; a result that breaks it is an error. @default not said */
  readonly outputSchema?: SchemaInput;
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly Icon[];
  readonly _meta?: Readonly<Record<string, unknown>>;
  /** Asks the person in front of the client before each call. @default false */
  readonly confirm?: boolean | string;
  /** Milliseconds until a call is given up. @default the server's `limits.timeout` */
  readonly timeout?: number;
  /** Does the work, on arguments that fit the schema; what it returns is treated as what a provider's tool returns. */
  handler(args: ArgumentsOf<S>, context: McpContext): unknown;
}

/** A resource, or a template, that is registered while the application runs. @publicApi */
export interface McpResourceDefinition
  extends RuntimeAccess, McpResourceOptions {
  readonly kind: 'resource';
  /** Name for programs, unique among the server's resources. @default the URI */
  readonly name?: string;
  /** Gives the content, as a provider's resource does. */
  handler(variables: UriVariables, context: McpContext): unknown;
}

/** A prompt that is registered while the application runs. @publicApi */
export interface McpPromptDefinition<S extends SchemaInput = SchemaInput>
  extends RuntimeAccess, Omit<McpPromptOptions, 'arguments'> {
  readonly kind: 'prompt';
  readonly name: string;
  /** An object schema. @default no arguments */
  readonly arguments?: S;
  /** Gives the messages, as a provider's prompt does. */
  handler(args: ArgumentsOf<S>, context: McpContext): unknown;
}

/** What can be registered while the application runs. @publicApi */
export type McpDefinition<S extends SchemaInput = SchemaInput> =
  McpToolDefinition<S> | McpResourceDefinition | McpPromptDefinition<S>;

/** Something that was registered. @publicApi */
export interface McpRegistration {
  /** Of the tool or prompt; URI of the resource. */
  readonly name: string;
  /** Takes it out again; false where it is gone already. */
  remove(): boolean;
}

const ACCESS_KEYS: OptionKeys<RuntimeAccess> = {
  scopes: true,
  public: true,
  authorize: 'method',
};

export const TOOL_DEFINITION_KEYS: OptionKeys<McpToolDefinition> = {
  ...ACCESS_KEYS,
  kind: true,
  name: 'name',
  title: 'text',
  description: 'text',
  inputSchema: true,
  outputSchema: true,
  annotations: TOOL_ANNOTATION_KEYS,
  icons: ICON_KEYS,
  _meta: 'object',
  confirm: 'question',
  timeout: true,
  handler: 'method',
};

export const RESOURCE_DEFINITION_KEYS: OptionKeys<McpResourceDefinition> = {
  ...ACCESS_KEYS,
  ...RESOURCE_KEYS,
  kind: true,
  handler: 'method',
};

export const PROMPT_DEFINITION_KEYS: OptionKeys<McpPromptDefinition> = {
  ...ACCESS_KEYS,
  ...PROMPT_KEYS,
  kind: true,
  handler: 'method',
};
