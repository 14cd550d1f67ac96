import { Inject, Injectable, Logger } from '@nestjs/common';
import { CompletionFactory } from '../completions/completion.factory.js';
import { CompletionRegistry } from '../completions/completion.registry.js';
import { PromptFactory } from '../prompts/prompt.factory.js';
import { PromptRegistry } from '../prompts/prompt.registry.js';
import { ResourceFactory } from '../resources/resource.factory.js';
import { ResourceRegistry } from '../resources/resource.registry.js';
import { loadSchemaReader } from '../schema/sources/schema.loader.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../server/server-settings.js';

/** Start-up of what a server offers beside tools: resources, prompts, and completions of both. */
@Injectable()
export class ContentLoader {
  private readonly logger = new Logger('McpModule');

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly resourceFactory: ResourceFactory,
    private readonly resources: ResourceRegistry,
    private readonly promptFactory: PromptFactory,
    private readonly prompts: PromptRegistry,
    private readonly completionFactory: CompletionFactory,
    private readonly completions: CompletionRegistry,
    private readonly tools: ToolRegistry,
  ) {}

  /**
   * Puts what the application has now in the registries.
   *
   * @throws Error naming what is wrong and the remedy; before anything is replaced
   * but for what the access rules of the new set refuse
   */
  async load(): Promise<void> {
    const { settings } = this;
    const build = {
      settings,
      sources: await loadSchemaReader(),
      warn: (message: string): void => this.logger.warn(message),
    };
    const resources = this.resourceFactory.create(build);
    const prompts = this.promptFactory.create(build);
    const completions = this.completionFactory.create(settings, {
      resources,
      prompts,
    });
    this.resources.replace(resources);
    this.prompts.replace(prompts);
    this.completions.replace(completions);
    this.warnOfNothing();
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
