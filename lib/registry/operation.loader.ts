import { Inject, Injectable, Logger } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { createCompletions } from '../completions/completion.factory.js';
import { CompletionRegistry } from '../completions/completion.decorator.js';
import { Invokers } from '../invocation/invokers.js';
import { createPrompts } from '../prompts/prompt.factory.js';
import { PromptRegistry } from '../prompts/prompt.decorator.js';
import {
  createResources,
  ResourceExplorer,
} from '../resources/resource.factory.js';
import { ResourceRegistry } from '../resources/resource.registry.js';
import { loadSchemaReader } from '../schema/sources/schema.loader.js';
import {
  type OperationBuild,
  SERVER_SETTINGS,
  type ServerSettings,
} from '../server/server-settings.js';
import { ToolExplorer } from '../tools/tool.explorer.js';
import { createTools } from '../tools/tool.factory.js';
import { reportGaps, reportTools } from '../tools/tool-report.js';
import { ToolRegistry } from '../tools/tool.registry.js';

/** Start-up of what a server offers: finds, builds and registers every kind of operation. */
@Injectable()
export class OperationLoader {
  private readonly logger = new Logger('McpModule');

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly invokers: Invokers,
    private readonly discovery: DiscoveryService,
    private readonly toolExplorer: ToolExplorer,
    private readonly tools: ToolRegistry,
    private readonly resourceExplorer: ResourceExplorer,
    private readonly resources: ResourceRegistry,
    private readonly prompts: PromptRegistry,
    private readonly completions: CompletionRegistry,
  ) {}

  /**
   * Puts what the application has now in the registries.
   *
   * @param place path of the endpoint; undefined in an application without HTTP
   * @throws Error naming what is wrong and the remedy, before any registry has
   * changed; what the access rules of a set refuse leaves that set as it was
   */
  async load(place: string | undefined): Promise<void> {
    const { settings, logger } = this;
    const build = await this.builds();
    const { tools, gaps } = createTools(this.toolExplorer, build('McpTool'));
    const resources = createResources(
      this.resourceExplorer,
      build('McpResource'),
    );
    const prompts = createPrompts(this.discovery, build('McpPrompt'));
    const completions = createCompletions(
      this.discovery,
      { resources, prompts },
      build('McpCompletion'),
    );
    this.tools.replace(tools);
    reportTools(this.tools.definitions, place, settings, logger);
    reportGaps(gaps, tools.length, logger);
    this.resources.replace(resources);
    this.prompts.replace(prompts);
    this.completions.replace(completions);
    this.warnOfNothing();
  }

  /** @returns what each kind is built with, by the name of its log */
  private async builds(): Promise<(context: string) => OperationBuild> {
    const { settings, invokers, logger } = this;
    const sources = await loadSchemaReader();
    return (context) => ({
      settings,
      sources,
      invokers,
      logger: new Logger(context),
      warn: (message) => logger.warn(message),
    });
  }

  private warnOfNothing(): void {
    const { tools, resources, prompts, settings } = this;
    if (tools.size + resources.size + prompts.size === 0) {
      this.logger.warn(
        `The MCP server "${settings.name}" has no tool. Put @McpTool() on a route or ` +
          'a provider\'s method, or set expose to "all"; look also at include ' +
          'and exclude.',
      );
    }
  }
}
