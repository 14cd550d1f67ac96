import { type HttpServer, Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import type { ServerAuth } from '../server/server-auth.js';
import { ProtectedResources } from '../server/protected-resources.js';

/** Answers with a document that any page may read, and keep for five minutes. */
export function answerPublicly(
  adapter: HttpServer,
  response: unknown,
  document: object,
  status = 200,
): void {
  setHeaders(adapter, response, {
    'Access-Control-Allow-Origin': '*',
    'Cache-Control': 'public, max-age=300',
  });
  adapter.reply(response, document, status);
}

/** Lets any page read what is answered at this path. */
export function answerPreflight(adapter: HttpServer, response: unknown): void {
  setHeaders(adapter, response, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Max-Age': '600',
  });
  adapter.reply(response, '', 204);
}

function setHeaders(
  adapter: HttpServer,
  response: unknown,
  headers: Record<string, string>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    adapter.setHeader(response, name, value);
  }
}

/** Where the document is looked for, the path of the resource left out (RFC 9728, section 3.1). */
export const ROOT = '/.well-known/oauth-protected-resource';

type Server = Pick<ServerAuth, 'metadataNames' | 'metadataPaths'>;

/** Which server of an application answers for which metadata path. */
export class DocumentOwners<T extends Server> {
  private readonly servers = new Set<T>();

  /** @throws Error where the name of another server has the same metadata path */
  add(server: T): void {
    for (const [path, name] of server.metadataNames) {
      for (const { metadataNames } of this.servers) {
        const taken = metadataNames.get(path);
        if (taken !== undefined) {
          throw new Error(
            `auth.resource of two servers is "${taken}" and "${name}", whose ` +
              `metadata would both be at ${path}. Give them names with ` +
              'different paths, each with that of its own endpoint.',
          );
        }
      }
    }
    this.servers.add(server);
  }

  /**
   * The server that the path was named for; else the one whose endpoint is
   * there; the root stands for the only server there is.
   */
  of(path: string): T | undefined {
    const servers = [...this.servers];
    const [only, ...others] = servers;
    return (
      servers.find(({ metadataNames }) => metadataNames.has(path)) ??
      servers.find(({ metadataPaths }) => metadataPaths.includes(path)) ??
      (path === ROOT && others.length === 0 ? only : undefined)
    );
  }
}

/**
 * Serves the metadata documents of an application's protected resources (RFC
 * 9728, section 3). A provider whose routes are the adapter's own, registered
 * before Nest's: those of a Nest controller get the global prefix and version,
 * run the global guards, and are shadowed by wildcard routes on Fastify.
 */
@Injectable()
export class McpMetadataController {
  private readonly owners = new DocumentOwners<ServerAuth>();
  private readonly paths = new Set<string>();

  constructor(private readonly adapterHost: HttpAdapterHost) {}

  /**
   * To be called while modules are configured: later, the application's routes
   * would come first.
   *
   * @throws Error where another server's document would be at the same path
   */
  mount(auth: ServerAuth): void {
    const { owners, paths } = this;
    owners.add(auth);
    for (const path of [ROOT, ...auth.metadataPaths]) {
      if (!paths.has(path)) {
        paths.add(path);
        this.serve(path, () => owners.of(path));
      }
    }
  }

  private serve(path: string, find: () => ServerAuth | undefined): void {
    const adapter = this.adapterHost.httpAdapter;
    const answer = (request: RequestWithHeaders, response: unknown): void => {
      const auth = find();
      if (auth && auth.authorizationServers.length > 0) {
        const document = protectedResourceDocument(auth, request);
        answerPublicly(adapter, response, document);
      } else {
        answerPublicly(adapter, response, { error: 'not_found' }, 404);
      }
    };
    const preflight = (_request: unknown, response: unknown): void =>
      answerPreflight(adapter, response);
    adapter.get(path, answer as never);
    adapter.options(path, preflight as never);
  }
}

/** OAuth protected resource metadata (RFC 9728, section 2). */
export interface ProtectedResourceDocument {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  readonly scopes_supported?: readonly string[];
  readonly bearer_methods_supported: readonly string[];
  readonly resource_name?: string;
  readonly resource_documentation?: string;
}

/** Tells clients where to get tokens for the resource that the request was sent to. */
export function protectedResourceDocument(
  auth: ServerAuth,
  request: RequestWithHeaders,
): ProtectedResourceDocument {
  const { resourceName, resourceDocumentation } = auth.settings;
  const scopes = auth.scopes.supported;
  return {
    resource: auth.resourceFor(request),
    authorization_servers: auth.authorizationServers,
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    bearer_methods_supported: ['header'],
    ...(resourceName !== undefined && { resource_name: resourceName }),
    ...(resourceDocumentation !== undefined && {
      resource_documentation: resourceDocumentation,
    }),
  };
}

/**
 * The metadata that tells clients of a protected resource where to get tokens
 * (RFC 9728): that of the server which `TokenVerifier` stands for.
 *
 * @publicApi
 */
@Injectable()
export class ProtectedResourceMetadata {
  constructor(private readonly resources: ProtectedResources) {}

  /**
   * The document (RFC 9728, section 2).
   *
   * @param request of which the resource is described, where it has several names
   * @throws Error where no server verifies tokens, or there is no telling which
   */
  document(
    request: RequestWithHeaders = { headers: {} },
  ): ProtectedResourceDocument {
    return protectedResourceDocument(this.resources.routes().auth, request);
  }

  /** Where clients find the document: `resource_metadata` of a challenge. */
  url(request: RequestWithHeaders = { headers: {} }): string {
    return this.resources.routes().auth.metadataUrl(request);
  }
}
