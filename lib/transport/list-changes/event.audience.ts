import { Injectable } from '@nestjs/common';
import type { AccessToken } from '../../auth/token/access-token.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { Operation } from '../../invocation/call-result.js';
import { PromptRegistry } from '../../prompts/prompt.decorator.js';
import { ResourceCatalog } from '../../resources/resource.catalog.js';
import { ResourceRegistry } from '../../resources/resource.registry.js';
import { ToolRegistry } from '../../tools/tool.registry.js';
import { CallAccess } from '../calls/call-access.js';
import { asCaller } from '../request/local-request.js';
import type { Audience } from './event.subscriber.js';
import type { McpServerEvent } from './server-event-bus.js';

type Decision = boolean | Promise<boolean>;

/**
 * Who may hear of what happens on one server: of a resource, whoever may read
 * it; of a list, whoever can see one of the entries that changed, or can not be
 * told from them, as the entry is gone, or is another instance's.
 */
@Injectable()
export class EventAudience implements Audience {
  constructor(
    private readonly access: CallAccess,
    private readonly auth: ServerAuth,
    private readonly tools: ToolRegistry,
    private readonly prompts: PromptRegistry,
    private readonly resources: ResourceRegistry,
    private readonly catalog: ResourceCatalog,
  ) {}

  includes(event: McpServerEvent, token: AccessToken | null): Decision {
    // The event is published by somebody else's call.
    return asCaller(this.auth, token, () =>
      event.kind === 'resource_updated'
        ? this.reads(event.uri, token)
        : this.seesOne(event.kind, event.names, token),
    );
  }

  /** Whether the caller may read this resource now. */
  reads(uri: string, token: AccessToken | null): Decision {
    const found = this.catalog.find(uri);
    if (!found || !this.access.allows(found.resource, token)) {
      return false;
    }
    const { resource, variables } = found;
    const exists = this.access.exists(resource, token);
    return exists === false ||
      this.access.ruleOf(resource).predicates.length === 0
      ? exists
      : this.permits(exists, resource, token, variables);
  }

  private async permits(
    exists: Decision,
    resource: Operation,
    token: AccessToken | null,
    variables: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    return (
      (await exists) && (await this.access.permits(resource, token, variables))
    );
  }

  private seesOne(
    kind: Exclude<McpServerEvent['kind'], 'resource_updated'>,
    names: readonly string[] | undefined,
    token: AccessToken | null,
  ): Decision {
    const entries = names?.map((name) => this.entry(kind, name));
    return (
      !entries ||
      entries.includes(undefined) ||
      any(entries as Operation[], (operation) => this.sees(operation, token))
    );
  }

  private entry(
    kind: Exclude<McpServerEvent['kind'], 'resource_updated'>,
    name: string,
  ): Operation | undefined {
    switch (kind) {
      case 'tools_list_changed':
        return this.tools.get(name);
      case 'resources_list_changed':
        return this.resources.get(name);
      case 'prompts_list_changed':
        return this.prompts.get(name);
    }
  }

  /** As lists do. */
  private sees(operation: Operation, token: AccessToken | null): Decision {
    return (
      (!this.auth.hidesUnauthorized || this.access.allows(operation, token)) &&
      this.access.exists(operation, token)
    );
  }
}

function any<T>(
  candidates: readonly T[],
  decide: (candidate: T) => Decision,
): Decision {
  const pending: Promise<boolean>[] = [];
  for (const candidate of candidates) {
    const decision = decide(candidate);
    if (decision === true) {
      return true;
    }
    if (decision !== false) {
      pending.push(decision);
    }
  }
  return (
    pending.length > 0 &&
    Promise.all(pending).then((decisions) => decisions.includes(true))
  );
}
