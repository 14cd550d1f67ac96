import { type ExecutionContext, Injectable } from '@nestjs/common';
import type { AccessToken } from '../auth/access-token.js';
import { type AccessRule, PLAIN_RULE } from '../auth/access/access-rule.js';
import { RouteAccess } from '../auth/access/operation.access.js';
import { ENDPOINT_METADATA } from '../tools/tool.explorer.js';
import type { Tool } from '../tools/tool.interface.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { ToolAccess } from './tool.access.js';

/** What a message in a body may be; nothing has checked it yet. */
interface Message {
  readonly method?: unknown;
  readonly params?: { readonly name?: unknown };
}

/**
 * Reads from a request on the endpoint which tools it calls, so that a missing
 * scope is told in HTTP before the answer has begun. What calls no tool is open
 * to anonymous callers only where something is public.
 */
@Injectable()
export class EndpointAccess extends RouteAccess {
  constructor(
    private readonly registry: ToolRegistry,
    private readonly access: ToolAccess,
  ) {
    super();
  }

  override rulesOf(context: ExecutionContext): readonly AccessRule[] {
    return isEndpoint(context)
      ? messagesOf(context).map((message) =>
          this.ruleOf(message, this.toolOf(message)),
        )
      : super.rulesOf(context);
  }

  override knownRulesOf(
    context: ExecutionContext,
    token: AccessToken | null,
  ): Promise<readonly AccessRule[]> {
    return isEndpoint(context)
      ? Promise.all(
          messagesOf(context).map(async (message) => {
            const tool = this.toolOf(message);
            const exists = tool && (await this.access.exists(tool, token));
            return this.ruleOf(message, exists ? tool : undefined);
          }),
        )
      : super.knownRulesOf(context, token);
  }

  private toolOf({ method, params }: Message): Tool | undefined {
    return method === 'tools/call'
      ? this.registry.get(String(params?.name))
      : undefined;
  }

  private ruleOf({ method }: Message, tool: Tool | undefined): AccessRule {
    if (method === 'tools/call') {
      return tool ? this.access.ruleOf(tool) : PLAIN_RULE;
    }
    return { ...PLAIN_RULE, isPublic: this.access.hasPublicTools };
  }
}

function isEndpoint(context: ExecutionContext): boolean {
  return Reflect.hasMetadata(ENDPOINT_METADATA, context.getClass());
}

/** Several in a batch of the legacy era. */
function messagesOf(context: ExecutionContext): readonly Message[] {
  const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
  return [body].flat().map((message) => (message ?? {}) as Message);
}
