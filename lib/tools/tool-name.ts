import { createHash } from 'node:crypto';
import type { ToolNameContext } from '../server/mcp-options.interface.js';

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** What OpenAI and Anthropic take as the name of a function, the client's prefix included. */
const LONGEST_FUNCTION = 64;

/** A server whose own name is long leaves its tools this much all the same. */
const SHORTEST_ROOM = 24;

/** Letters that stay of a word when a name is shortened. */
const ABBREVIATION = 4;
const HASH_LENGTH = 6;

/** How long a tool's name may be where clients put `mcp__<server>__` in front. */
export const roomForName = (serverName: string): number =>
  Math.max(SHORTEST_ROOM, LONGEST_FUNCTION - `mcp__${serverName}__`.length);

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
 * A derived name as every client takes it: of `[A-Za-z0-9_-]` and, where there
 * is no room for it, without the word "controller", then with its longest words
 * cut to their first letters, and last with a hash of the whole name for its
 * end. It depends on the name alone, so that it is the same on every start.
 */
export function portableName(name: string, room: number): string {
  const written = name.replace(/[^A-Za-z0-9_-]+/g, '_');
  if (written.length <= room) {
    return written;
  }
  const parts = written.replace(/(?<=.)_?controller/gi, '').split(/([_-])/);
  const length = (): number => parts.join('').length;
  while (length() > room) {
    const longest = parts.reduce(
      (found, part, i) =>
        part.length > (parts[found]?.length ?? 0) ? i : found,
      0,
    );
    const word = parts[longest] ?? '';
    if (word.length <= ABBREVIATION) {
      return hashedName(name, room);
    }
    parts[longest] = word.slice(0, ABBREVIATION);
  }
  return parts.join('');
}

/** The beginning of a name and a hash of the whole. */
export function hashedName(name: string, room: number): string {
  const hash = createHash('sha256').update(name).digest('hex');
  const start = name
    .replace(/[^A-Za-z0-9_-]+/g, '_')
    .slice(0, room - HASH_LENGTH - 1)
    .replace(/(?<![_-])[_-]+$/, '');
  return `${start}_${hash.slice(0, HASH_LENGTH)}`;
}

/**
 * Holds a name to the protocol's rule (MCP 2026-07-28, Tools, "Tool Names").
 *
 * @throws Error naming the tool's origin and the remedy
 */
export function checkToolName(name: string, origin: string): void {
  if (!NAME.test(name)) {
    throw new Error(
      `"${name}" cannot name the tool of ${origin}: a name has 1 to 128 ` +
        'characters of A-Z, a-z, 0-9, "_", "." and "-". Give another by ' +
        '@McpTool({ name }) or the toolName option.',
    );
  }
}

/** Warns once of all names that some clients drop, or cut, in silence. */
export function warnOfNames(
  names: readonly string[],
  room: number,
  warn: (message: string) => void,
): void {
  const refused = names.filter(
    (name) => name.length > room || name.includes('.'),
  );
  if (refused.length > 0) {
    const named = refused.map((name) => `"${name}"`).join(', ');
    warn(
      `${refused.length === 1 ? 'The name of the tool' : 'The names of the tools'} ` +
        `${named} ${refused.length === 1 ? 'has' : 'have'} more than ${room} ` +
        "characters, or a dot. Clients put mcp__ and the server's name in front, " +
        `and models take ${LONGEST_FUNCTION} characters of A-Z, a-z, 0-9, "_" and ` +
        '"-" in all. Shorten it by @McpTool({ name }) or the toolName option.',
    );
  }
}

/** A version as part of a name: `1-beta` stays, anything foreign becomes `_`. */
export function versionSuffix(version: string): string {
  return `_v${version.replace(/[^A-Za-z0-9_-]/g, '_')}`;
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
