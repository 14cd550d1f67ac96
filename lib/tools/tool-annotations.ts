import type { ToolAnnotations } from '@modelcontextprotocol/server';

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
 * Annotations of a tool; what the developer wrote wins, hint by hint.
 *
 * @param ruled for all tools of the server
 * @param written for this tool
 */
export function toolAnnotations(
  httpMethod: string | undefined,
  ruled: ToolAnnotations | undefined,
  written: ToolAnnotations | undefined,
): ToolAnnotations | undefined {
  const derived = httpMethod === undefined ? undefined : BY_METHOD[httpMethod];
  return derived || ruled || written
    ? { ...derived, ...ruled, ...written }
    : undefined;
}
