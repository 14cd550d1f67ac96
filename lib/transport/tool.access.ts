import { Injectable } from '@nestjs/common';
import type { AccessToken } from '../auth/access-token.js';
import { type AccessRule, readAccessRule } from '../auth/access/access-rule.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import type { Tool } from '../tools/tool.interface.js';
import { ToolRegistry } from '../tools/tool.registry.js';

/** Who may see, and call, which tool of one server: one predicate for both. */
@Injectable()
export class ToolAccess {
  private readonly rules = new WeakMap<Tool, AccessRule>();
  private hasPublic = false;

  constructor(
    registry: ToolRegistry,
    private readonly auth: ServerAuth,
  ) {
    registry.addCheck((tools) => this.check(tools));
  }

  /** Whether callers without a token find anything here. */
  get hasPublicTools(): boolean {
    return this.hasPublic;
  }

  ruleOf(tool: Tool): AccessRule {
    const known = this.rules.get(tool);
    if (known) {
      return known;
    }
    const rule = readAccessRule(tool.owner, tool.handler);
    this.rules.set(tool, rule);
    return rule;
  }

  /** Whether the tool exists for this caller: one that does not is called in vain, as any unknown name. */
  exists(tool: Tool, token: AccessToken | null): boolean | Promise<boolean> {
    return (
      this.auth.showsAll ||
      this.auth.shows({
        tool: tool.name,
        owner: tool.owner,
        handler: tool.handler,
        token,
      })
    );
  }

  /** Whether the predicates of the tool let this call through; one that throws refuses. */
  async permits(
    tool: Tool,
    token: AccessToken | null,
    args: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    const rule = this.ruleOf(tool);
    if (!this.auth.allows(token, [rule])) {
      return false;
    }
    for (const predicate of rule.predicates) {
      try {
        if (!(await predicate(token, args))) {
          return false;
        }
      } catch {
        return false;
      }
    }
    return true;
  }

  /**
   * Makes the tools' scopes known to clients.
   *
   * @throws Error for a tool that asks for scopes of tokens nobody verifies
   */
  private check(tools: readonly Tool[]): void {
    const scopes = new Set<string>();
    for (const tool of tools) {
      const rule = this.ruleOf(tool);
      if (
        !this.auth.verifiesTokens &&
        (rule.scopes.length > 0 || rule.predicates.length > 0)
      ) {
        throw new Error(
          `The tool of ${tool.origin} asks who calls it, by @McpScopes() or ` +
            '@McpAuthorize(), but its server verifies no tokens. Set auth in ' +
            'McpModule.forRoot(), or remove the decorator.',
        );
      }
      rule.scopes.forEach((scope) => scopes.add(scope));
    }
    this.auth.scopes.advertise([...scopes]);
    this.hasPublic = tools.some((tool) => this.ruleOf(tool).isPublic);
  }
}
