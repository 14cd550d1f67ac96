import type { ToolNameContext } from '../server/mcp-options.interface.js';

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** Clients in the field prefix the server's name and cut at 64 characters. */
const COMFORTABLE_LENGTH = 64;

/** `operationId` if given, else `<controller>_<method>` in snake_case: `countries_find_one`. @publicApi */
export function defaultToolName(context: ToolNameContext): string {
  const controller = context.controller.replace(
    /(?<=.)(Controller|Service|Tools?|Provider)$/,
    '',
  );
  return (
    context.operationId ??
    `${toSnakeCase(controller)}_${toSnakeCase(context.method)}`
  );
}

/**
 * Holds a name to the protocol's rule (MCP 2026-07-28, Tools, "Tool Names").
 *
 * @throws Error naming the tool's origin and the remedy
 */
export function checkToolName(
  name: string,
  origin: string,
  warn: (message: string) => void,
): void {
  if (!NAME.test(name)) {
    throw new Error(
      `"${name}" cannot name the tool of ${origin}: a name has 1 to 128 ` +
        'characters of A-Z, a-z, 0-9, "_", "." and "-". Give another by ' +
        '@McpTool({ name }) or the toolName option.',
    );
  }
  if (name.length > COMFORTABLE_LENGTH) {
    warn(
      `The name of the tool "${name}" has ${name.length} characters; some ` +
        `clients accept no more than ${COMFORTABLE_LENGTH}. Shorten it by ` +
        '@McpTool({ name }) or the toolName option.',
    );
  }
}

/** A version as part of a name: `1.2-beta` stays, anything foreign becomes `_`. */
export function versionSuffix(version: string): string {
  return `_v${version.replace(/[^A-Za-z0-9_.-]/g, '_')}`;
}

/** `findOne` as `find_one`. */
export function toSnakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[^A-Za-z0-9]+/g, '_')
    .toLowerCase();
}

/** Name of what a method offers, if it gives none: `<class>_<method>` in snake_case, without `Resources` or the like. */
export function defaultMethodName(owner: string, method: string): string {
  return defaultToolName({
    controller: owner.replace(/(?<=.)(Resources?|Prompts?)$/, ''),
    method,
    operationId: undefined,
    httpMethod: undefined,
    path: undefined,
    version: undefined,
  });
}
