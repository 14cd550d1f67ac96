import type {
  Prompt as PromptDefinition,
  PromptArgument,
} from '@modelcontextprotocol/server';
import type { DiscoveryService } from '@nestjs/core';
import { failed } from '../invocation/call-result.js';
import { failureOfError } from '../invocation/result/failure.js';
import {
  type DecoratedMethod,
  decoratedMethods,
  refuseControllerMethods,
  parameterTypeOf,
} from '../nest/provider-methods.js';
import { checkTimeout } from '../options/option-values.js';
import {
  TextArguments,
  type TextValues,
} from '../schema/input/text.arguments.js';
import {
  NO_ARGUMENTS,
  type ObjectSchema,
} from '../schema/json-schema/schema-keywords.js';
import { methodArguments } from '../schema/sources/schema-reader.js';
import type { OperationBuild } from '../server/server-settings.js';
import { defaultMethodName } from '../tools/tool-name.js';
import { mapMessages, mapMessagesResponse } from './prompt-messages.js';
import {
  type McpPromptOptions,
  PROMPT_METADATA,
  type Prompt,
} from './prompt.decorator.js';

/** A prompt that a provider's method gives, with its guards, pipes, interceptors and filters. */
export function createPrompt(
  candidate: DecoratedMethod<McpPromptOptions>,
  build: OperationBuild,
): Prompt {
  const { owner, methodName, options, origin, wrapper } = candidate;
  const { settings, logger, invokers } = build;
  checkTimeout('@McpPrompt', options.timeout, origin);
  const name = options.name ?? defaultMethodName(owner.name, methodName);
  const label = `arguments of ${origin}`;
  const schema =
    methodArguments(
      options.arguments,
      parameterTypeOf(owner, methodName),
      build,
      label,
    ) ?? NO_ARGUMENTS;
  const input = new TextArguments(schema, label);
  const method = invokers.providers.prepare({ wrapper, owner, methodName });
  const callOptions = {
    timeoutMs: options.timeout ?? settings.limits.timeout,
    maxResultBytes: settings.limits.maxResultBytes,
  };
  const messageOptions = {
    label: `Prompt "${name}"`,
    description: options.description,
    maxResultBytes: settings.limits.maxResultBytes,
    logger,
  };
  return {
    kind: 'prompt',
    name,
    owner,
    handler: (owner.prototype as Record<string, object>)[methodName] ?? owner,
    origin,
    definition: definitionOf(name, options, schema),
    async get(call) {
      const read = input.read(call.arguments as TextValues);
      if ('problem' in read) {
        return failed('caller', read.problem);
      }
      try {
        return await method({ ...call, arguments: read.values }, callOptions, {
          value: (value) => mapMessages(value, messageOptions),
          response: (response) => mapMessagesResponse(response, messageOptions),
        });
      } catch (error) {
        return { failure: failureOfError(error, messageOptions) };
      }
    },
  };
}

function definitionOf(
  name: string,
  { title, description, icons, _meta }: McpPromptOptions,
  schema: ObjectSchema,
): PromptDefinition {
  const list = promptArguments(schema);
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(list.length > 0 && { arguments: list }),
    ...(icons && { icons: [...icons] }),
    ...(_meta && { _meta: { ..._meta } }),
  };
}

function promptArguments(schema: ObjectSchema): PromptArgument[] {
  const properties = (schema['properties'] ?? {}) as Readonly<
    Record<string, unknown>
  >;
  const required = (schema['required'] ?? []) as readonly string[];
  return Object.entries(properties).map(([name, property]) => {
    const { title, description } = (property ?? {}) as Record<string, unknown>;
    return {
      name,
      ...(typeof title === 'string' && { title }),
      ...(typeof description === 'string' && { description }),
      required: required.includes(name),
    };
  });
}

const KIND = {
  metadata: PROMPT_METADATA,
  decorator: '@McpPrompt()',
  plural: 'prompts',
};

/**
 * Finds and builds the prompts of the application.
 *
 * @throws Error naming what stands in a prompt's way
 */
export function createPrompts(
  discovery: DiscoveryService,
  build: OperationBuild,
): Prompt[] {
  refuseControllerMethods(
    discovery,
    KIND,
    () => 'a method of a controller. Move it to a provider.',
  );
  return decoratedMethods<McpPromptOptions>(discovery, KIND).map((candidate) =>
    createPrompt(candidate, build),
  );
}
