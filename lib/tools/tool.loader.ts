import { Inject, Injectable, Logger } from '@nestjs/common';
import { ExternalContextCreator } from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider/provider.invoker.js';
import { RouteInvoker } from '../invocation/route/route.invoker.js';
import { McpApplication } from '../platform/mcp-application.js';
import { loadSchemaReader } from '../schema/sources/schema.loader.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
  type ToolBuild,
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
import { ToolExplorer } from './tool.explorer.js';
import { type Tool, ToolRegistry } from './tool.registry.js';

/** Builds tools: everything that does not change from call to call is computed here. */
@Injectable()
export class ToolFactory {
  private readonly logger = new Logger('McpTool');
  private readonly providers: ProviderInvoker;
  private routes: RouteInvoker | undefined;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly application: McpApplication,
    contexts: ExternalContextCreator,
  ) {
    this.providers = new ProviderInvoker(contexts);
  }

  /** @throws Error naming the decorated tool whose schema or route cannot be */
  async create(
    candidates: readonly NamedCandidate[],
    warn: (message: string) => void,
  ): Promise<Tool[]> {
    const build: ToolBuild = {
      settings: this.settings,
      sources: await loadSchemaReader(),
      logger: this.logger,
      warn,
    };
    const callable = candidates.filter((each) => this.isCallable(each));
    if (callable.length < candidates.length) {
      warn(
        `${candidates.length - callable.length} tools are routes, and this ` +
          'application has no HTTP. Create it by NestFactory.create() to serve them.',
      );
    }
    return callable.flatMap((each) => this.build(each, build) ?? []);
  }

  /** Undefined for a route that nobody asked for by name, and that cannot be described. */
  private build(
    { name, candidate }: NamedCandidate,
    build: ToolBuild,
  ): Tool | undefined {
    if (candidate.kind === 'provider') {
      return createProviderTool(name, candidate, build, this.providers);
    }
    try {
      return createRouteTool(name, candidate, build, this.routeInvoker());
    } catch (error) {
      if (candidate.isDecorated) {
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      build.warn(`${candidate.origin} is not exposed: ${reason}`);
      return undefined;
    }
  }

  /** An application context has no routes. */
  private isCallable({ candidate }: NamedCandidate): boolean {
    return candidate.kind !== 'route' || this.application.hasHttp;
  }

  /** Made when first needed: the adapter's routes must be registered by then. */
  private routeInvoker(): RouteInvoker {
    return (this.routes ??= new RouteInvoker(this.application.platform));
  }
}

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
