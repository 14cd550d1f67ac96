import { readFileSync } from 'node:fs';
import { shown } from '../../options/option-values.js';
import type {
  McpClientModuleOptions,
  McpClientServerOptions,
} from './client-options.interface.js';

/** What desktop clients write of one server. */
const KNOWN = ['type', 'url', 'headers', 'command', 'args', 'env', 'cwd'];

/** Names of transports in the field. */
const TYPES: Readonly<Record<string, McpClientServerOptions['transport']>> = {
  http: 'http',
  'streamable-http': 'http',
  streamableHttp: 'http',
  sse: 'sse',
  stdio: undefined,
};

/**
 * The options with the servers of their file among the others.
 *
 * @throws Error naming the file, the server and what is wrong; the name of a
 * variable that the environment does not have
 */
export function withServersOfFile({
  file,
  ...options
}: McpClientModuleOptions): McpClientModuleOptions {
  if (file === undefined) {
    return options;
  }
  const own = options.servers ?? {};
  const servers = readServers(file);
  const twice = Object.keys(servers).find((name) => Object.hasOwn(own, name));
  if (twice !== undefined) {
    throw new Error(
      `The MCP server "${twice}" is in ${file} and in servers. Name it in one of them.`,
    );
  }
  return { ...options, servers: { ...servers, ...own } };
}

function readServers(file: string): Record<string, McpClientServerOptions> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Error(
      `McpClientModule: file is ${shown(file)}, which cannot be read as JSON.`,
      { cause },
    );
  }
  const { mcpServers } = Object(content) as { mcpServers?: unknown };
  if (!isObject(mcpServers)) {
    throw new Error(
      `${file} has no object mcpServers. Write { "mcpServers": { "name": { "url": "…" } } }.`,
    );
  }
  return Object.fromEntries(
    Object.entries(mcpServers).map(([name, server]) => [
      name,
      readServer(`mcpServers.${name} in ${file}`, server),
    ]),
  );
}

function readServer(place: string, given: unknown): McpClientServerOptions {
  if (!isObject(given)) {
    throw new Error(`${place} is ${shown(given)}. Give an object.`);
  }
  const stray = Object.keys(given).find((key) => !KNOWN.includes(key));
  if (stray !== undefined) {
    throw new Error(
      `${place} has ${JSON.stringify(stray)}, which is no option there. There are ${KNOWN.join(', ')}.`,
    );
  }
  const { type, ...options } = expand(place, given) as Record<string, unknown>;
  if (
    type !== undefined &&
    (typeof type !== 'string' || !Object.hasOwn(TYPES, type))
  ) {
    throw new Error(
      `${place}: type is ${shown(type)}. Write one of ${Object.keys(TYPES).join(', ')}.`,
    );
  }
  const transport = type === undefined ? undefined : TYPES[type];
  return {
    ...options,
    ...(transport !== undefined && { transport }),
  };
}

/** `${NAME}`, and `${NAME:-what holds where there is none}`. */
const VARIABLE = /\$\{(\w+)(?::-([^}]*))?\}/g;

function expand(place: string, value: unknown): unknown {
  if (typeof value === 'string') {
    return value.replace(VARIABLE, (_all, name: string, fallback?: string) => {
      const found = process.env[name] ?? fallback;
      if (found === undefined) {
        throw new Error(
          `${place} uses the environment variable ${name}, which is not set. Set it, or write \${${name}:-…}.`,
        );
      }
      return found;
    });
  }
  if (Array.isArray(value)) {
    return value.map((item) => expand(place, item));
  }
  return isObject(value)
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, expand(place, item)]),
      )
    : value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
