import { Inject, Injectable, Logger } from '@nestjs/common';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import {
  nameCandidates,
  refuseDuplicates,
  separateByPath,
} from './named-candidates.js';
import { filterCandidates, type NamedCandidate } from './tool-filter.js';
import { isUndescribed } from './tool-description.js';
import { checkToolName } from './tool-name.js';
import { ToolExplorer } from './tool.explorer.js';
import { ToolFactory } from './tool.factory.js';
import { ToolRegistry } from './tool.registry.js';

/** JSON has about four characters to a token of the common models. */
const CHARACTERS_PER_TOKEN = 4;

/** Tools that a line of the log names. */
const NAMES_TOLD = 10;

/** Start-up of one server: explore, name, filter, build, register. */
@Injectable()
export class ToolLoader {
  private readonly logger = new Logger('McpModule');

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly explorer: ToolExplorer,
    private readonly factory: ToolFactory,
    private readonly registry: ToolRegistry,
  ) {}

  /**
   * Puts the application's tools, as it is now, in the registry.
   *
   * @param place path of the endpoint; undefined where there is none
   * @throws Error naming what is wrong and the remedy; the registry is then unchanged
   */
  async load(place: string | undefined): Promise<void> {
    const warn = (message: string): void => this.logger.warn(message);
    const candidates = this.candidates(warn);
    this.registry.replace(await this.factory.create(candidates, warn));
    this.report(place);
    this.tellOfUndescribed(candidates);
  }

  private candidates(
    warn: (message: string) => void,
  ): readonly NamedCandidate[] {
    const { expose, toolName, include, exclude } = this.settings;
    const kept = separateByPath(
      filterCandidates(
        nameCandidates(this.explorer.explore({ expose, warn }), toolName),
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
    this.explorer.warnOfShadowed(
      kept.map(({ candidate }) => candidate),
      warn,
    );
    return kept;
  }

  /** A model chooses by descriptions, more than by anything else. */
  private tellOfUndescribed(candidates: readonly NamedCandidate[]): void {
    const descriptions = new Map(
      this.registry.definitions.map(({ name, description = '' }) => [
        name,
        description,
      ]),
    );
    const names = candidates
      .filter(({ name, candidate }) =>
        isUndescribed(candidate, descriptions.get(name) ?? ''),
      )
      .map(({ name }) => name);
    if (names.length > 0) {
      const others = names.length - NAMES_TOLD;
      this.logger.log(
        `${names.length} tool${names.length === 1 ? ' has' : 's have'} no ` +
          `description: ${names.slice(0, NAMES_TOLD).join(', ')}` +
          `${others > 0 ? ` and ${others} more` : ''}. Give one by ` +
          '@McpTool({ description }), the summary of @ApiOperation() or the ' +
          'toolDescription option.',
      );
    }
  }

  private report(place: string | undefined): void {
    const { name, maxListTokens } = this.settings;
    const { definitions } = this.registry;
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
    if (tokens > maxListTokens) {
      this.logger.warn(
        `${summary}, more than maxListTokens (${maxListTokens}). Expose ` +
          'fewer tools, or split them over several servers by include.',
      );
    } else {
      this.logger.log(`${summary}.`);
    }
  }
}
