import { Injectable } from '@nestjs/common';
import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type { AccessToken } from '../auth/access-token.js';
import { securitySchemes } from '../auth/access/security-schemes.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import type { Tool } from '../tools/tool.interface.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { ToolAccess } from './tool.access.js';

/** Distinct sets of scopes whose views are kept; callers come with few. */
const MAX_VIEWS = 100;

/** One entry of a list, with the tool that it stands for. */
interface Entry {
  readonly tool: Tool;
  readonly definition: ToolDefinition;
}

/** Some of the tools, ready to send. */
interface View {
  readonly entries: readonly Entry[];
  readonly definitions: readonly ToolDefinition[];
}

/** Views of one state of the registry. */
interface Views {
  readonly all: View;
  readonly byScopes: Map<string, View>;
}

/** The answers to `tools/list`: what each caller may see, made once for each set of scopes. */
@Injectable()
export class ToolList {
  private readonly views = new WeakMap<readonly ToolDefinition[], Views>();

  constructor(
    private readonly registry: ToolRegistry,
    private readonly access: ToolAccess,
    private readonly auth: ServerAuth,
  ) {}

  /** The entries for this caller; null stands for one without a token. */
  async visibleTo(
    token: AccessToken | null,
  ): Promise<readonly ToolDefinition[]> {
    const { entries, definitions } = this.permitted(token);
    if (this.auth.showsAll) {
      return definitions;
    }
    const shown = await Promise.all(
      entries.map(async ({ tool }) => this.access.exists(tool, token)),
    );
    return entries.flatMap(({ definition }, index) =>
      shown[index] ? [definition] : [],
    );
  }

  private permitted(token: AccessToken | null): View {
    const { all, byScopes } = this.current();
    const { verifiesTokens, settings } = this.auth;
    if (!verifiesTokens || (token && settings.hideUnauthorized === false)) {
      return all;
    }
    const key = token ? JSON.stringify([...token.scopes].sort()) : 'anonymous';
    const known = byScopes.get(key);
    if (known) {
      return known;
    }
    const permitted = viewOf(
      all.entries.filter(({ tool }) =>
        this.auth.allows(token, [this.access.ruleOf(tool)]),
      ),
    );
    if (byScopes.size >= MAX_VIEWS) {
      byScopes.clear();
    }
    byScopes.set(key, permitted);
    return permitted;
  }

  /** The registry makes a new array of definitions whenever its tools change. */
  private current(): Views {
    const { definitions } = this.registry;
    const known = this.views.get(definitions);
    if (known) {
      return known;
    }
    const entries = [...this.registry.all].map((tool) => ({
      tool,
      definition: this.define(tool),
    }));
    const views: Views = { all: viewOf(entries), byScopes: new Map() };
    this.views.set(definitions, views);
    return views;
  }

  private define(tool: Tool): ToolDefinition {
    if (!this.auth.verifiesTokens || !this.auth.settings.securitySchemes) {
      return tool.definition;
    }
    const rule = this.access.ruleOf(tool);
    return {
      ...tool.definition,
      _meta: {
        securitySchemes: securitySchemes(
          rule,
          this.auth.scopes.neededBy([rule]),
        ),
        ...tool.definition._meta,
      },
    };
  }
}

function viewOf(entries: readonly Entry[]): View {
  return {
    entries,
    definitions: entries.map(({ definition }) => definition),
  };
}
