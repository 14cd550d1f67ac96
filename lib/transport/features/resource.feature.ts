import { Injectable } from '@nestjs/common';
import {
  isInputRequiredResult,
  type ReadResourceResult,
  ResourceNotFoundError,
  type Resource as ResourceDefinition,
  type ResourceTemplateType,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import { getAccessToken } from '../../auth/context/request-context.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import { ResourceCatalog } from '../../resources/resource.catalog.js';
import type { Resource } from '../../resources/resource.registry.js';
import { ResourceRegistry } from '../../resources/resource.registry.js';
import { checkCacheOptions } from './cache-hints.js';
import { CallAccess } from '../calls/call-access.js';
import { CallRunner } from '../calls/call.runner.js';
import { ServerEvents } from '../list-changes/server-events.js';
import { Pages } from '../calls/visible-list.js';
import { VisibleList } from '../calls/visible-list.js';
import { canReachClient } from './server-feature.js';
import { protocolError } from './server-feature.js';
import type { ServedUnit, ServerFeature } from './server-feature.js';

/** `resources/list`, `resources/templates/list` and `resources/read` (MCP, Resources). */
@Injectable()
export class ResourceFeature implements ServerFeature {
  private readonly list: VisibleList<ResourceDefinition>;
  private readonly templates: VisibleList<ResourceTemplateType>;

  constructor(
    private readonly registry: ResourceRegistry,
    private readonly catalog: ResourceCatalog,
    private readonly access: CallAccess,
    private readonly runner: CallRunner,
    private readonly pages: Pages,
    private readonly auth: ServerAuth,
    events: ServerEvents,
  ) {
    this.list = new VisibleList(() => registry.fixed, access, auth);
    this.templates = new VisibleList(() => registry.templates, access, auth);
    access.watch('resource', registry);
    registry.addCheck((resources) =>
      resources.forEach((resource) => this.checkCache(resource)),
    );
    registry.onLaterChange((names) =>
      events.publish({ kind: 'resources_list_changed', names }),
    );
  }

  capabilities(unit: ServedUnit): ServerCapabilities | undefined {
    const told = canReachClient(unit);
    return this.registry.size === 0
      ? undefined
      : { resources: { listChanged: told, ...(told && { subscribe: true }) } };
  }

  install(server: Server, { era }: ServedUnit): void {
    server.setRequestHandler('resources/list', async ({ params }) => {
      const { entries, nextCursor } = this.pages.of(
        await this.list.visibleTo(getAccessToken()),
        params?.cursor,
        ({ uri }) => uri,
      );
      return { resources: [...entries], ...(nextCursor && { nextCursor }) };
    });
    server.setRequestHandler('resources/templates/list', async ({ params }) => {
      const { entries, nextCursor } = this.pages.of(
        await this.templates.visibleTo(getAccessToken()),
        params?.cursor,
        ({ uriTemplate }) => uriTemplate,
      );
      return {
        resourceTemplates: [...entries],
        ...(nextCursor && { nextCursor }),
      };
    });
    server.setRequestHandler(
      'resources/read',
      async ({ params: { uri } }, context) => {
        const found = this.catalog.find(uri);
        if (
          !found ||
          !(await this.access.exists(found.resource, getAccessToken()))
        ) {
          throw new ResourceNotFoundError(uri);
        }
        const { resource, variables } = found;
        const result = await this.runner.run<ReadResourceResult>({
          operation: resource,
          name: uri,
          arguments: variables,
          server,
          context,
          invoke: (call) => resource.read(call),
          tell: (failure) =>
            failure.fault === 'missing'
              ? new ResourceNotFoundError(uri)
              : protocolError(failure),
        });
        return isInputRequiredResult(result) ||
          !resource.cache ||
          era === 'legacy'
          ? result
          : { ...result, ...this.hintsOf(resource) };
      },
    );
  }

  operationOf(method: unknown, params: unknown): Resource | undefined {
    return method === 'resources/read'
      ? this.catalog.find((params as { uri?: unknown } | null)?.uri)?.resource
      : undefined;
  }

  private hintsOf({
    origin,
    cache,
  }: Resource): ReturnType<typeof checkCacheOptions> {
    return checkCacheOptions(
      `@McpResource({ cache }) of ${origin}: cache`,
      cache,
    );
  }

  /** @throws Error where content that depends on the caller is said to be public */
  private checkCache(resource: Resource): void {
    if (resource.cache === undefined) {
      return;
    }
    const { cacheScope } = this.hintsOf(resource);
    const { isPublic } = this.access.ruleOf(resource);
    if (
      cacheScope === 'public' &&
      (!this.auth.showsAll || (this.auth.verifiesTokens && !isPublic))
    ) {
      throw new Error(
        `@McpResource({ cache }) of ${resource.origin}: cacheScope is "public", ` +
          'but who may read it depends on the caller. Write "private", or, ' +
          'without a ToolVisibility, make it @McpPublic().',
      );
    }
  }
}
