import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { Logger } from '@nestjs/common';
import {
  hasShape,
  isSchema,
  type JsonSchema,
} from '../schema/json-schema/schema-keywords.js';
import { resolvePointer } from '../schema/json-schema/schema-reference.js';
import type { ServerSettings } from '../server/server-settings.js';
import { isUndescribed } from './tool-description.js';
import type { NamedCandidate } from './tool-filter.js';
import type { Tool } from './tool.registry.js';

/** What a model has to guess of a server's tools. */
export interface ToolGaps {
  /** Names of tools whose description is made of their route alone. */
  readonly undescribed: readonly string[];
  /** Tools with arguments that have no description: `cats_create (name, age)`. */
  readonly unexplained: readonly string[];
  /** Tools with arguments of any type, written likewise. */
  readonly untyped: readonly string[];
}

/** JSON has about four characters to a token of the common models. */
const CHARACTERS_PER_TOKEN = 4;

/** Tools that a line of the log names. */
const NAMES_TOLD = 10;

/** Some clients take no more tools than these, of all servers together. */
const MANY_TOOLS = 40;

export function gapsOf(
  tools: readonly Tool[],
  candidates: readonly NamedCandidate[],
): ToolGaps {
  const descriptions = new Map(
    tools.map(({ name, definition }) => [name, definition.description]),
  );
  return {
    undescribed: candidates
      .filter(({ name, candidate }) =>
        isUndescribed(candidate, descriptions.get(name) ?? ''),
      )
      .map(({ name }) => name),
    unexplained: withArguments(tools, (argument, whole) => {
      const { $ref, description } = argument;
      return !(
        description ??
        (typeof $ref === 'string'
          ? resolvePointer(whole, $ref)?.['description']
          : undefined)
      );
    }),
    untyped: withArguments(tools, (argument) => !hasShape(argument)),
  };
}

/** The tools with arguments of which something is true, and these. */
function withArguments(
  tools: readonly Tool[],
  isMeant: (argument: JsonSchema, whole: JsonSchema) => boolean,
): string[] {
  return tools.flatMap(({ name, definition: { inputSchema } }) => {
    const found = Object.entries(inputSchema.properties ?? {})
      .filter(
        ([, argument]) => isSchema(argument) && isMeant(argument, inputSchema),
      )
      .map(([argument]) => argument);
    return found.length > 0 ? [`${name} (${found.join(', ')})`] : [];
  });
}

/** One line of the log with everything that a model has to guess: it chooses by descriptions more than by anything else. */
export function reportGaps(
  { undescribed, unexplained, untyped }: ToolGaps,
  count: number,
  logger: Logger,
): void {
  const said = [
    undescribed.length > 0 &&
      `${tools(undescribed)} no description: ${listedNames(undescribed)}. Give one by ` +
        '@McpTool({ description }), the summary of @ApiOperation() or the ' +
        'toolDescription option.',
    unexplained.length > 0 &&
      `${tools(unexplained)} arguments without a description: ${listedNames(unexplained)}. ` +
        'Give them one by @ApiProperty(), @ApiParam() or @ApiQuery(), or in the inputSchema.',
    untyped.length > 0 &&
      `${tools(untyped)} arguments of any type: ${listedNames(untyped)}. Some clients ` +
        'refuse them: give them a DTO, @ApiProperty({ type }) or an inputSchema.',
    count > MANY_TOOLS &&
      `Some clients take no more than ${MANY_TOOLS} tools, and there are ${count}: ` +
        'choose by include or exclude, or split them over several servers.',
  ].filter((each) => each !== false);
  if (said.length > 0) {
    logger.log(said.join(' '));
  }
}

const tools = ({ length }: readonly string[]): string =>
  `${length} tool${length === 1 ? ' has' : 's have'}`;

/** Names for a line of the log, the first ten of many. */
export function listedNames(names: readonly string[]): string {
  const others = names.length - NAMES_TOLD;
  return `${names.slice(0, NAMES_TOLD).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
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
