import { Injectable, Logger } from '@nestjs/common';
import {
  type CompleteRequestParams,
  type CompleteResult,
  isInputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
  type ServerCapabilities,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { getAccessToken } from '../../auth/context/request-context.js';
import {
  type Completion,
  completionName,
} from '../../completions/completion.decorator.js';
import { CompletionRegistry } from '../../completions/completion.decorator.js';
import { PromptRegistry } from '../../prompts/prompt.decorator.js';
import { ResourceRegistry } from '../../resources/resource.registry.js';
import { CallAccess } from '../calls/call-access.js';
import { CallRunner } from '../calls/call.runner.js';
import { unknownPrompt } from './prompt.feature.js';
import { protocolError } from './server-feature.js';
import type { ServerFeature } from './server-feature.js';

type Values = CompleteResult['completion'];

const NOTHING: Values = { values: [] };

/** `completion/complete` (MCP, Completion). */
@Injectable()
export class CompletionFeature implements ServerFeature {
  private readonly logger = new Logger('McpCompletion');

  constructor(
    private readonly registry: CompletionRegistry,
    private readonly prompts: PromptRegistry,
    private readonly resources: ResourceRegistry,
    private readonly access: CallAccess,
    private readonly runner: CallRunner,
  ) {
    access.watch('completion', registry);
  }

  capabilities(): ServerCapabilities | undefined {
    return this.registry.size === 0 ? undefined : { completions: {} };
  }

  install(server: Server): void {
    server.setRequestHandler(
      'completion/complete',
      async ({ params }, context) => {
        const completion = await this.find(params);
        return {
          completion: completion
            ? await this.complete(completion, params, server, context)
            : NOTHING,
        };
      },
    );
  }

  /**
   * The completion for this caller; undefined where the argument has none.
   *
   * @throws ProtocolError where there is no such prompt or resource for the caller
   */
  private async find({
    ref,
    argument,
  }: CompleteRequestParams): Promise<Completion | undefined> {
    const token = getAccessToken();
    const isPrompt = ref.type === 'ref/prompt';
    const target = isPrompt
      ? this.prompts.get(ref.name)
      : this.resources.get(ref.uri);
    if (!target || !(await this.access.reaches(target, token))) {
      throw isPrompt
        ? unknownPrompt(ref.name)
        : new ResourceNotFoundError(ref.uri);
    }
    const { kind: type, name } = target;
    const completion = this.registry.get(
      completionName({ type, name }, argument.name),
    );
    const isThere =
      completion &&
      (await this.access.exists(completion, token)) &&
      // Who has no token can be told of scopes by no challenge of this method.
      (token !== null || this.access.allows(completion, token));
    return isThere ? completion : undefined;
  }

  private async complete(
    completion: Completion,
    { ref, argument, context: known }: CompleteRequestParams,
    server: Server,
    context: ServerContext,
  ): Promise<Values> {
    const answer = await this.runner.run<Values>({
      operation: completion,
      name: ref.type === 'ref/prompt' ? ref.name : ref.uri,
      arguments: { value: argument.value, arguments: known?.arguments ?? {} },
      server,
      context,
      invoke: (call) => completion.complete(call),
      tell: protocolError,
    });
    if (isInputRequiredResult(answer)) {
      this.logger.error(
        `${completion.origin} asks its client, which no completion can.`,
      );
      throw new ProtocolError(
        ProtocolErrorCode.InternalError,
        'Internal error',
      );
    }
    return answer;
  }
}
