import type { CompleteResult } from '@modelcontextprotocol/server';
import type { DiscoveryService } from '@nestjs/core';
import { type CallResult, INTERNAL } from '../invocation/call-result.js';
import {
  failureOfError,
  failureOfResponse,
} from '../invocation/result/failure.js';
import type { FailureOptions } from '../invocation/result/result-options.js';
import type { RouteResponse } from '../invocation/route/route-response.js';
import {
  type DecoratedMethod,
  decoratedMethods,
  refuseControllerMethods,
} from '../nest/provider-methods.js';
import type { Prompt } from '../prompts/prompt.decorator.js';
import type { Resource } from '../resources/resource.registry.js';
import type { OperationBuild } from '../server/server-settings.js';
import {
  COMPLETION_METADATA,
  type McpCompletionOptions,
} from './completion.decorator.js';
import {
  type Completion,
  completionName,
  type CompletionTarget,
} from './completion.decorator.js';

/** What there is to complete. */
interface CompletionTargets {
  readonly prompts: readonly Prompt[];
  readonly resources: readonly Resource[];
}

/** @throws Error naming what there is, where the decorator names something else */
function checkTarget(
  { options, origin }: DecoratedMethod<McpCompletionOptions>,
  { prompts, resources }: CompletionTargets,
): CompletionTarget {
  const { prompt, resource, argument } = options;
  if ((prompt === undefined) === (resource === undefined)) {
    throw new Error(
      `@McpCompletion() of ${origin} must name either a prompt or a resource.`,
    );
  }
  const target: CompletionTarget =
    prompt !== undefined
      ? { type: 'prompt', name: prompt }
      : { type: 'resource', name: resource ?? '' };
  const known = argumentsOf(target, { prompts, resources });
  if (!known) {
    throw new Error(
      `@McpCompletion({ ${target.type}: "${target.name}" }) of ${origin} names ` +
        `no ${target.type === 'prompt' ? 'prompt' : 'template'} of this server. ` +
        `There ${list(namesOf(target, { prompts, resources }))}.`,
    );
  }
  if (!known.includes(argument)) {
    throw new Error(
      `@McpCompletion({ argument: "${argument}" }) of ${origin} names no ` +
        `argument of "${target.name}". There ${list(known)}.`,
    );
  }
  return target;
}

function argumentsOf(
  { type, name }: CompletionTarget,
  { prompts, resources }: CompletionTargets,
): readonly string[] | undefined {
  if (type === 'prompt') {
    const prompt = prompts.find((each) => each.name === name);
    return (
      prompt &&
      (prompt.definition.arguments ?? []).map((argument) => argument.name)
    );
  }
  const template = resources.find((each) => each.name === name)?.template;
  return template && [...template.required, ...template.optional];
}

function namesOf(
  { type }: CompletionTarget,
  { prompts, resources }: CompletionTargets,
): readonly string[] {
  return type === 'prompt'
    ? prompts.map(({ name }) => name)
    : resources.filter(({ template }) => template).map(({ name }) => name);
}

function list(names: readonly string[]): string {
  return names.length === 0
    ? 'is none'
    : `${names.length === 1 ? 'is' : 'are'} ${names.map((name) => `"${name}"`).join(', ')}`;
}

type Outcome = CallResult<CompleteResult['completion']>;

/** MCP, Completion: a response has no more values than that. */
const MAX_VALUES = 100;

/** Maps an array of texts, or `{ values, total?, hasMore? }`, and cuts it. */
function mapValues(value: unknown, options: FailureOptions): Outcome {
  const { values, total, hasMore } = (
    Array.isArray(value) ? { values: value } : (value ?? { values: [] })
  ) as { values?: unknown; total?: number; hasMore?: boolean };
  if (!Array.isArray(values) || !values.every((each) => isText(each))) {
    options.logger.error(
      `${options.label} returned no values: return an array of texts, or { values, total?, hasMore? }.`,
    );
    return { failure: INTERNAL };
  }
  const isCut = values.length > MAX_VALUES;
  const known = total ?? (isCut ? values.length : undefined);
  const more = isCut || hasMore;
  return {
    result: {
      values: values.slice(0, MAX_VALUES),
      ...(known !== undefined && { total: known }),
      ...(more !== undefined && { hasMore: more }),
    },
  };
}

/** Maps what a filter answered in place of the method. */
function mapValuesResponse(
  response: RouteResponse,
  options: FailureOptions,
): Outcome {
  const failure = failureOfResponse(response, options);
  if (failure) {
    return { failure };
  }
  try {
    return mapValues(JSON.parse(response.body.toString('utf8')), options);
  } catch {
    return mapValues(undefined, options);
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

const KIND = {
  metadata: COMPLETION_METADATA,
  decorator: '@McpCompletion()',
  plural: 'completions',
};

/**
 * Finds and builds the completions of the application.
 *
 * @param targets what there is to complete
 * @throws Error naming a target that does not exist
 */
export function createCompletions(
  discovery: DiscoveryService,
  targets: CompletionTargets,
  build: OperationBuild,
): Completion[] {
  refuseControllerMethods(
    discovery,
    KIND,
    () => 'a method of a controller. Move it to a provider.',
  );
  return decoratedMethods<McpCompletionOptions>(discovery, KIND).map(
    (candidate) =>
      createCompletion(candidate, checkTarget(candidate, targets), build),
  );
}

function createCompletion(
  candidate: DecoratedMethod<McpCompletionOptions>,
  target: CompletionTarget,
  { settings, invokers, logger }: OperationBuild,
): Completion {
  const { owner, methodName, options, origin, wrapper } = candidate;
  const { timeout, maxResultBytes } = settings.limits;
  const name = completionName(target, options.argument);
  const method = invokers.providers.prepare({ wrapper, owner, methodName });
  const failureOptions = {
    label: `Completion "${name}"`,
    maxResultBytes,
    logger,
  };
  return {
    kind: 'completion',
    name,
    owner,
    handler: (owner.prototype as Record<string, object>)[methodName] ?? owner,
    origin,
    async complete(call) {
      try {
        return await method(
          call,
          { timeoutMs: timeout, maxResultBytes },
          {
            value: (value) => mapValues(value, failureOptions),
            response: (response) => mapValuesResponse(response, failureOptions),
          },
        );
      } catch (error) {
        return { failure: failureOfError(error, failureOptions) };
      }
    },
  };
}
