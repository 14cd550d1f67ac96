import type { DecoratedMethod } from '../nest/provider-methods.js';
import type { Prompt } from '../prompts/prompt.interface.js';
import type { Resource } from '../resources/resource.interface.js';
import type { CompletionTarget } from './completion.interface.js';
import type { McpCompletionOptions } from './completion-options.interface.js';

/** What there is to complete. */
export interface CompletionTargets {
  readonly prompts: readonly Prompt[];
  readonly resources: readonly Resource[];
}

/** @throws Error naming what there is, where the decorator names something else */
export function checkTarget(
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
