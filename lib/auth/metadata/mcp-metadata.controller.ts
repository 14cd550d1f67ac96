import type { HttpServer } from '@nestjs/common';
import type { RequestWithHeaders } from '../credentials/auth.provider.js';
import type { ServerAuth } from '../server/server-auth.js';

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

/** What one application serves. */
interface Documents {
  readonly owners: DocumentOwners<ServerAuth>;
  readonly paths: Set<string>;
}

const documentsOf = new WeakMap<HttpServer, Documents>();

/**
 * Serves the metadata document of protected resources (RFC 9728, section 3) by
 * routes of the adapter itself, registered before Nest's: out of reach for
 * prefixes, versions, guards and wildcard routes of the application.
 */
export class McpMetadataController {
  constructor(private readonly adapter: HttpServer) {}

  /**
   * To be called while modules are configured: later, the application's routes
   * would come first.
   *
   * @throws Error where another server's document would be at the same path
   */
  mount(auth: ServerAuth): void {
    const { owners, paths } = documentsOf.get(this.adapter) ?? {
      owners: new DocumentOwners<ServerAuth>(),
      paths: new Set<string>(),
    };
    documentsOf.set(this.adapter, { owners, paths });
    owners.add(auth);
    for (const path of [ROOT, ...auth.metadataPaths]) {
      if (!paths.has(path)) {
        paths.add(path);
        this.serve(path, () => owners.of(path));
      }
    }
  }

  private serve(path: string, find: () => ServerAuth | undefined): void {
    const answer = (request: RequestWithHeaders, response: unknown): void => {
      const auth = find();
      if (auth && auth.authorizationServers.length > 0) {
        const document = protectedResourceDocument(auth, request);
        answerPublicly(this.adapter, response, document);
      } else {
        answerPublicly(this.adapter, response, { error: 'not_found' }, 404);
      }
    };
    const preflight = (_request: unknown, response: unknown): void =>
      answerPreflight(this.adapter, response);
    this.adapter.get(path, answer as never);
    this.adapter.options(path, preflight as never);
  }
}
