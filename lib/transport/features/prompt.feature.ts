import { Injectable } from '@nestjs/common';
import {
  type GetPromptResult,
  type Prompt as PromptDefinition,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import { getAccessToken } from '../../auth/context/request-context.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { Prompt } from '../../prompts/prompt.decorator.js';
import { PromptRegistry } from '../../prompts/prompt.decorator.js';
import { CallAccess } from '../calls/call-access.js';
import { CallRunner } from '../calls/call.runner.js';
import { ServerEvents } from '../list-changes/server-events.js';
import { Pages } from '../calls/visible-list.js';
import { VisibleList } from '../calls/visible-list.js';
import { canReachClient } from './server-feature.js';
import { protocolError } from './server-feature.js';
import type { ServedUnit, ServerFeature } from './server-feature.js';

/** `prompts/list` and `prompts/get` (MCP, Prompts). */
@Injectable()
export class PromptFeature implements ServerFeature {
  private readonly list: VisibleList<PromptDefinition>;

  constructor(
    private readonly registry: PromptRegistry,
    private readonly access: CallAccess,
    private readonly runner: CallRunner,
    private readonly pages: Pages,
    auth: ServerAuth,
    events: ServerEvents,
  ) {
    this.list = new VisibleList(() => registry, access, auth);
    access.watch('prompt', registry);
    registry.onLaterChange((names) =>
      events.publish({ kind: 'prompts_list_changed', names }),
    );
  }

  capabilities(unit: ServedUnit): ServerCapabilities | undefined {
    return this.registry.size === 0
      ? undefined
      : { prompts: { listChanged: canReachClient(unit) } };
  }

  install(server: Server): void {
    server.setRequestHandler('prompts/list', async ({ params }) => {
      const { entries, nextCursor } = this.pages.of(
        await this.list.visibleTo(getAccessToken()),
        params?.cursor,
      );
      return { prompts: [...entries], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler('prompts/get', async ({ params }, context) => {
      const prompt = this.registry.get(params.name);
      if (!prompt || !(await this.access.exists(prompt, getAccessToken()))) {
        throw unknownPrompt(params.name);
      }
      return this.runner.run<GetPromptResult>({
        operation: prompt,
        name: params.name,
        arguments: params.arguments ?? {},
        server,
        context,
        invoke: (call) => prompt.get(call),
        tell: protocolError,
      });
    });
  }

  operationOf(method: unknown, params: unknown): Prompt | undefined {
    const { name } = (params ?? {}) as { readonly name?: unknown };
    return method === 'prompts/get' && typeof name === 'string'
      ? this.registry.get(name)
      : undefined;
  }
}

/** The answer to a name that is none, or none for this caller. */
export function unknownPrompt(name: string): ProtocolError {
  return new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    `Unknown prompt: ${name}`,
  );
}
