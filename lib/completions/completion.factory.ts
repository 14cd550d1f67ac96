import { Injectable, Logger } from '@nestjs/common';
import { DiscoveryService, ExternalContextCreator } from '@nestjs/core';
import { failureOfError } from '../invocation/operation-outcome.js';
import { ProviderInvoker } from '../invocation/provider.invoker.js';
import {
  type DecoratedMethod,
  decoratedMethods,
  refuseControllerMethods,
} from '../nest/provider-methods.js';
import type { ServerSettings } from '../server-settings.js';
import { isHidden } from '../tools/is-hidden.js';
import { COMPLETION_METADATA } from './completion.decorator.js';
import {
  type Completion,
  completionName,
  type CompletionTarget,
} from './completion.interface.js';
import type { McpCompletionOptions } from './completion-options.interface.js';
import { checkTarget, type CompletionTargets } from './completion-target.js';
import { mapValues, mapValuesResponse } from './completion-values.js';

const KIND = {
  metadata: COMPLETION_METADATA,
  decorator: '@McpCompletion()',
  plural: 'completions',
};

/** Finds and builds the completions of the application. */
@Injectable()
export class CompletionFactory {
  private readonly logger = new Logger('McpCompletion');
  private readonly invoker: ProviderInvoker;

  constructor(
    private readonly discovery: DiscoveryService,
    contexts: ExternalContextCreator,
  ) {
    this.invoker = new ProviderInvoker(contexts);
  }

  /**
   * @param targets what there is to complete
   * @throws Error naming what cannot be completed
   */
  create(settings: ServerSettings, targets: CompletionTargets): Completion[] {
    refuseControllerMethods(
      this.discovery,
      KIND,
      () => 'a method of a controller. Move it to a provider.',
    );
    return decoratedMethods<McpCompletionOptions>(this.discovery, KIND)
      .filter(({ owner, methodName }) => !isHidden(owner, methodName))
      .map((candidate) =>
        this.completion(candidate, checkTarget(candidate, targets), settings),
      );
  }

  private completion(
    candidate: DecoratedMethod<McpCompletionOptions>,
    target: CompletionTarget,
    { timeout, maxResultBytes }: ServerSettings,
  ): Completion {
    const { owner, methodName, options, origin, wrapper } = candidate;
    const name = completionName(target, options.argument);
    const method = this.invoker.prepare({ wrapper, owner, methodName });
    const failureOptions = {
      label: `Completion "${name}"`,
      maxResultBytes,
      logger: this.logger,
    };
    return {
      kind: 'completion',
      name,
      owner,
      handler: (owner.prototype as Record<string, object>)[methodName] ?? owner,
      origin,
      async complete(call) {
        try {
          return await method(
            call,
            { timeoutMs: timeout, maxResultBytes },
            {
              value: (value) => mapValues(value, failureOptions),
              response: (response) =>
                mapValuesResponse(response, failureOptions),
            },
          );
        } catch (error) {
          return { failure: failureOfError(error, failureOptions) };
        }
      },
    };
  }
}
