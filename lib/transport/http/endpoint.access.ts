import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { AccessToken } from '../../auth/token/access-token.js';
import { type AccessRule, PLAIN_RULE } from '../../auth/access/access-rule.js';
import { RouteAccess } from '../../auth/access/access-rule.js';
import type { Operation } from '../../invocation/call-result.js';
import { ENDPOINT_METADATA } from '../../tools/tool.explorer.js';
import { CallAccess } from '../calls/call-access.js';
import type { ServerFeature } from '../features/server-feature.js';
import { SERVER_FEATURES } from '../features/server-features.js';

/** What a message in a body may be; nothing has checked it yet. */
interface Message {
  readonly method?: unknown;
  readonly params?: unknown;
}

/** Requests for one operation, which its own rule decides on. */
const CALLS: readonly unknown[] = [
  'tools/call',
  'resources/read',
  'resources/subscribe',
  'prompts/get',
];

/**
 * Reads from a request on the endpoint what it calls, so that a missing scope
 * is told in HTTP before the answer has begun. What calls nothing is open to
 * anonymous callers only where something is public.
 */
@Injectable()
export class EndpointAccess extends RouteAccess {
  constructor(
    private readonly access: CallAccess,
    @Inject(SERVER_FEATURES)
    private readonly features: readonly ServerFeature[],
  ) {
    super();
  }

  override rulesOf(context: ExecutionContext): readonly AccessRule[] {
    return isEndpoint(context)
      ? messagesOf(context).map((message) =>
          this.ruleOf(message, this.operationOf(message)),
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
            const operation = this.operationOf(message);
            const exists =
              operation && (await this.access.exists(operation, token));
            return this.ruleOf(message, exists ? operation : undefined);
          }),
        )
      : super.knownRulesOf(context, token);
  }

  private operationOf({ method, params }: Message): Operation | undefined {
    for (const feature of this.features) {
      const operation = feature.operationOf?.(method, params);
      if (operation) {
        return operation;
      }
    }
    return undefined;
  }

  private ruleOf(
    { method }: Message,
    operation: Operation | undefined,
  ): AccessRule {
    if (CALLS.includes(method)) {
      return operation ? this.access.ruleOf(operation) : PLAIN_RULE;
    }
    return { ...PLAIN_RULE, isPublic: this.access.hasPublicOperations };
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
