import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator } from '@nestjs/core';
import { ProviderInvoker } from '../invocation/provider.invoker.js';
import {
  decoratedMethods,
  refuseControllerMethods,
} from '../nest/provider-methods.js';
import { isHidden } from '../tools/is-hidden.js';
import type { ToolBuild } from '../tools/tool-build.interface.js';
import { createPrompt } from './create-prompt.js';
import { PROMPT_METADATA } from './prompt.decorator.js';
import type { Prompt } from './prompt.interface.js';
import type { McpPromptOptions } from './prompt-options.interface.js';

const KIND = {
  metadata: PROMPT_METADATA,
  decorator: '@McpPrompt()',
  plural: 'prompts',
};

/** Finds and builds the prompts of the application. */
@Injectable()
export class PromptFactory {
  private readonly logger = new Logger('McpPrompt');
  private readonly invoker: ProviderInvoker;

  constructor(
    private readonly discovery: DiscoveryService,
    contexts: ExternalContextCreator,
  ) {
    this.invoker = new ProviderInvoker(contexts);
  }

  /** @throws Error naming what cannot be a prompt */
  create(shared: Omit<ToolBuild, 'logger'>): Prompt[] {
    refuseControllerMethods(
      this.discovery,
      KIND,
      () => 'a method of a controller. Move it to a provider.',
    );
    const build = { ...shared, logger: this.logger };
    return decoratedMethods<McpPromptOptions>(this.discovery, KIND)
      .filter(({ owner, methodName }) => !isHidden(owner, methodName))
      .map((candidate) => createPrompt(candidate, build, this.invoker));
  }
}
