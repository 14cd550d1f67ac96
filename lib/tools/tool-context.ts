import type { ToolAnnotations } from '@modelcontextprotocol/server';
import type { ServerSettings } from '../server/server-settings.js';
import type { ToolCandidate } from './tool.registry.js';
import { derivedDescription } from './tool-description.js';
import type {
  ToolContext,
  ToolNameContext,
} from '../server/mcp-options.interface.js';

/** What the application's functions for all tools say of one. */
interface ToolRules {
  readonly description: string | undefined;
  readonly annotations: ToolAnnotations | undefined;
}

/**
 * Asks the application's functions about one tool.
 *
 * @throws Error naming the function and the tool, where it returns something else
 */
export function toolRules(
  name: string,
  candidate: ToolCandidate,
  {
    toolDescription,
    toolAnnotations,
  }: Pick<ServerSettings, 'toolDescription' | 'toolAnnotations'>,
): ToolRules {
  if (!toolDescription && !toolAnnotations) {
    return NO_RULES;
  }
  const context: ToolContext = {
    ...nameContextOf(candidate),
    name,
    description: derivedDescription(candidate),
    tags: candidate.kind === 'route' ? candidate.operation.tags : [],
  };
  const description: unknown = toolDescription?.(context);
  const annotations: unknown = toolAnnotations?.(context);
  if (description !== undefined && typeof description !== 'string') {
    refuse('toolDescription', 'a text', description, candidate.origin);
  }
  if (
    annotations !== undefined &&
    (typeof annotations !== 'object' ||
      annotations === null ||
      annotations instanceof Promise)
  ) {
    refuse('toolAnnotations', 'annotations', annotations, candidate.origin);
  }
  return {
    description: (description as string | undefined) || undefined,
    annotations: annotations as ToolAnnotations | undefined,
  };
}

const NO_RULES: ToolRules = { description: undefined, annotations: undefined };

function refuse(
  option: string,
  wanted: string,
  given: unknown,
  origin: string,
): never {
  const found = given instanceof Promise ? 'a promise' : JSON.stringify(given);
  throw new Error(
    `McpModule: ${option} returned ${found} for ${origin}. Return ${wanted}, or undefined.`,
  );
}

export function nameContextOf(candidate: ToolCandidate): ToolNameContext {
  const isRoute = candidate.kind === 'route';
  return {
    controller: candidate.owner.name,
    method: candidate.methodName,
    operationId: isRoute ? candidate.operation.operationId : undefined,
    httpMethod: isRoute ? candidate.httpMethod : undefined,
    path: isRoute ? candidate.url.path : undefined,
    version: versionOf(candidate),
  };
}

export function versionOf(candidate: ToolCandidate): string | undefined {
  return candidate.kind === 'route' ? candidate.url.version : undefined;
}
