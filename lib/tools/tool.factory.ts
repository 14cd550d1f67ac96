import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { Logger } from '@nestjs/common';
import type {
  OperationBuild,
  ServerSettings,
} from '../server/server-settings.js';
import {
  nameCandidates,
  refuseDuplicates,
  separateByPath,
} from './named-candidates.js';
import { createProviderTool } from './provider-tool.js';
import { createRouteTool } from './route-tool.js';
import { isUndescribed } from './tool-description.js';
import { filterCandidates, type NamedCandidate } from './tool-filter.js';
import { checkToolName } from './tool-name.js';
import type { ToolExplorer } from './tool.explorer.js';
import type { Tool } from './tool.registry.js';

/** The tools of an application, and what is to be said of them. */
interface CreatedTools {
  readonly tools: readonly Tool[];
  /** Names of tools whose description is made of their route alone. */
  readonly undescribed: readonly string[];
}

/**
 * Finds, names, filters and builds tools: everything that does not change from
 * call to call is computed here.
 *
 * @throws Error naming what is wrong, and the decorated tool whose schema or route is to blame
 */
export function createTools(
  explorer: ToolExplorer,
  build: OperationBuild,
): CreatedTools {
  const candidates = exposed(explorer, build);
  const callable = build.invokers.callable(
    candidates,
    ({ candidate }) => candidate.kind === 'route',
    'tools',
    build.warn,
  );
  const tools = callable.flatMap((each) => createTool(each, build) ?? []);
  const descriptions = new Map(
    tools.map(({ name, definition }) => [name, definition.description]),
  );
  return {
    tools,
    undescribed: candidates
      .filter(({ name, candidate }) =>
        isUndescribed(candidate, descriptions.get(name) ?? ''),
      )
      .map(({ name }) => name),
  };
}

function exposed(
  explorer: ToolExplorer,
  { settings, warn }: OperationBuild,
): readonly NamedCandidate[] {
  const { expose, toolName, include, exclude } = settings;
  const kept = separateByPath(
    filterCandidates(
      nameCandidates(explorer.explore({ expose, warn }), toolName),
      include,
      exclude,
      warn,
    ),
    toolName,
    warn,
  );
  for (const { name, candidate } of kept) {
    checkToolName(name, candidate.origin, warn);
  }
  refuseDuplicates(kept);
  explorer.warnOfShadowed(
    kept.map(({ candidate }) => candidate),
    warn,
  );
  return kept;
}

/** Undefined for a route that only `expose: 'all'` asks for, and that has no description as a tool. */
function createTool(
  { name, candidate }: NamedCandidate,
  build: OperationBuild,
): Tool | undefined {
  if (candidate.kind === 'provider') {
    return createProviderTool(name, candidate, build);
  }
  try {
    return createRouteTool(name, candidate, build);
  } catch (error) {
    if (candidate.isDecorated) {
      throw error;
    }
    const reason = error instanceof Error ? error.message : String(error);
    build.warn(`${candidate.origin} is not exposed: ${reason}`);
    return undefined;
  }
}

/** JSON has about four characters to a token of the common models. */
const CHARACTERS_PER_TOKEN = 4;

/** Tools that a line of the log names. */
const NAMES_TOLD = 10;

/** A model chooses by descriptions, more than by anything else. */
export function reportUndescribed(
  names: readonly string[],
  logger: Logger,
): void {
  if (names.length > 0) {
    const others = names.length - NAMES_TOLD;
    logger.log(
      `${names.length} tool${names.length === 1 ? ' has' : 's have'} no ` +
        `description: ${names.slice(0, NAMES_TOLD).join(', ')}` +
        `${others > 0 ? ` and ${others} more` : ''}. Give one by ` +
        '@McpTool({ description }), the summary of @ApiOperation() or the ' +
        'toolDescription option.',
    );
  }
}

/** @param place path of the endpoint; undefined in an application without HTTP */
export function reportTools(
  definitions: readonly ToolDefinition[],
  place: string | undefined,
  { name, limits }: ServerSettings,
  logger: Logger,
): void {
  if (definitions.length === 0) {
    return;
  }
  const tokens = Math.ceil(
    JSON.stringify(definitions).length / CHARACTERS_PER_TOKEN,
  );
  const summary =
    `The MCP server "${name}" has ${definitions.length} ` +
    `tool${definitions.length === 1 ? '' : 's'}${place === undefined ? '' : ` at ${place}`}; ` +
    'the list takes about ' +
    `${tokens} tokens of a model's context`;
  if (tokens > limits.maxListTokens) {
    logger.warn(
      `${summary}, more than limits.maxListTokens (${limits.maxListTokens}). Expose ` +
        'fewer tools, or split them over several servers by include.',
    );
  } else {
    logger.log(`${summary}.`);
  }
}
