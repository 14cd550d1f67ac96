import { type ExecutionContext, Injectable } from '@nestjs/common';
import { type AccessRule, PLAIN_RULE } from '../auth/access/access-rule.js';
import { RouteAccess } from '../auth/access/operation.access.js';
import { ENDPOINT_METADATA } from '../tools/tool.explorer.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { ToolAccess } from './tool.access.js';

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
    if (!Reflect.hasMetadata(ENDPOINT_METADATA, context.getClass())) {
      return super.rulesOf(context);
    }
    const { body } = context.switchToHttp().getRequest<{ body?: unknown }>();
    return [body].flat().map((message) => this.ruleOf(message));
  }

  private ruleOf(message: unknown): AccessRule {
    const { method, params } = (message ?? {}) as {
      method?: unknown;
      params?: { name?: unknown };
    };
    if (method === 'tools/call') {
      const tool = this.registry.get(String(params?.name));
      return tool ? this.access.ruleOf(tool) : PLAIN_RULE;
    }
    return { ...PLAIN_RULE, isPublic: this.access.hasPublicTools };
  }
}
