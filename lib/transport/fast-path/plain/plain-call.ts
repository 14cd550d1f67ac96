import {
  type CallToolRequest,
  LOG_LEVEL_META_KEY,
} from '@modelcontextprotocol/server';
import type { FastRequest } from '../fast-request.js';

/**
 * What a request asks of a tool, where the SDK's server would only pass that on:
 * it has found nothing wrong with the like of it before, and there is nothing
 * in it that the server would have to act on.
 */
export function plainCall({
  envelope,
  message: { method, params },
}: FastRequest): CallToolRequest['params'] | undefined {
  if (method !== 'tools/call' || !envelope.isProven) {
    return undefined;
  }
  const { name, arguments: args, _meta, ...others } = params ?? {};
  return typeof name === 'string' &&
    (args === undefined || isPlain(args)) &&
    Object.keys(others).length === 0 &&
    _meta?.[LOG_LEVEL_META_KEY] === undefined
    ? (params as CallToolRequest['params'])
    : undefined;
}

function isPlain(args: unknown): boolean {
  return (
    typeof args === 'object' &&
    args !== null &&
    !Array.isArray(args) &&
    // Validation makes something else of it than JSON does.
    !Object.hasOwn(args, '__proto__')
  );
}
