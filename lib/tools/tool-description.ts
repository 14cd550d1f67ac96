import type { ToolAnnotations } from '@modelcontextprotocol/server';
import { toSnakeCase } from './tool-name.js';
import type { ToolCandidate } from './tool.registry.js';

/**
 * The hints an HTTP method honestly gives (RFC 9110, section 9.2): safe methods
 * are read-only, PUT and DELETE idempotent, DELETE destructive. POST and PATCH
 * say nothing of the kind, so MCP's own cautious defaults stand for them.
 */
const BY_METHOD: Readonly<Record<string, ToolAnnotations>> = {
  GET: { readOnlyHint: true },
  HEAD: { readOnlyHint: true },
  OPTIONS: { readOnlyHint: true },
  SEARCH: { readOnlyHint: true },
  POST: { readOnlyHint: false },
  PATCH: { readOnlyHint: false },
  PUT: { readOnlyHint: false, idempotentHint: true },
  DELETE: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
};

/**
 * Annotations of a tool; what the developer wrote wins, hint by hint. A tool
 * works on what its application has, unless it is said to reach beyond.
 *
 * @param ruled for all tools of the server
 * @param written for this tool
 */
export function toolAnnotations(
  httpMethod: string | undefined,
  ruled: ToolAnnotations | undefined,
  written: ToolAnnotations | undefined,
): ToolAnnotations {
  return {
    ...(httpMethod !== undefined && BY_METHOD[httpMethod]),
    openWorldHint: false,
    ...ruled,
    ...written,
  };
}

/** The name for people that nobody has given: the summary of `@ApiOperation`, else the method's name in words. */
export function derivedTitle(candidate: ToolCandidate): string {
  const summary =
    candidate.kind === 'route' ? candidate.operation.summary : undefined;
  return summary?.replace(/\.$/, '') || inWords(candidate.methodName);
}

/**
 * The developer's own words, for this tool and then for all, else those of
 * `@ApiOperation`, else what is known of the route; then, where it was asked for, the responses.
 */
export function toolDescription(
  candidate: ToolCandidate,
  ruled: string | undefined,
  responses: string,
): string {
  return [
    candidate.options.description ?? ruled ?? derivedDescription(candidate),
    responses,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** The description of a tool to which the application has given none. */
export function derivedDescription(candidate: ToolCandidate): string {
  if (candidate.kind === 'provider') {
    return `${candidate.owner.name}.${candidate.methodName}`;
  }
  const { summary, description } = candidate.operation;
  return (
    [summary, description].filter(Boolean).join('\n\n') ||
    `${inWords(candidate.methodName)} (${candidate.httpMethod} ${asInOpenApi(candidate.url.path)})`
  );
}

/**
 * Whether the developer has left out what the tool does.
 *
 * @param description that it got
 */
export function isUndescribed(
  candidate: ToolCandidate,
  description: string,
): boolean {
  return (
    candidate.options.description === undefined &&
    (candidate.kind === 'provider' ||
      !(candidate.operation.summary || candidate.operation.description)) &&
    description.startsWith(derivedDescription(candidate))
  );
}

/** `getHoldings` as `Get holdings`. */
export function inWords(name: string): string {
  const text = toSnakeCase(name).split('_').filter(Boolean).join(' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `/cats/:id` as `/cats/{id}`, which models know. */
function asInOpenApi(path: string): string {
  return path.replace(/:(\w+)(\([^()]*\))?\??/g, '{$1}');
}
