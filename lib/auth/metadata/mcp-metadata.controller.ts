import type { HttpServer } from '@nestjs/common';
import type { RequestWithHeaders } from '../guards/auth.provider.js';
import type { ServerAuth } from '../guards/server-auth.js';
import { protectedResourceDocument } from './protected-resource.document.js';

const ROOT = '/.well-known/oauth-protected-resource';

/** Servers of each application: with a single one, the root form of the URL is its own. */
const serversOf = new WeakMap<HttpServer, Set<ServerAuth>>();

/**
 * Serves the metadata document of protected resources (RFC 9728, section 3) by
 * routes of the adapter itself, registered before Nest's: out of reach for
 * prefixes, versions, guards and wildcard routes of the application.
 */
export class McpMetadataController {
  constructor(private readonly adapter: HttpServer) {}

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(auth: ServerAuth): void {
    const servers = serversOf.get(this.adapter) ?? new Set();
    if (servers.size === 0) {
      serversOf.set(this.adapter, servers);
      this.serve(ROOT, () => ownerOfRoot([...servers]));
    }
    servers.add(auth);
    for (const path of auth.metadataPaths) {
      if (path !== ROOT) {
        this.serve(path, () => auth);
      }
    }
  }

  private serve(path: string, find: () => ServerAuth | undefined): void {
    const answer = (request: RequestWithHeaders, response: unknown): void => {
      this.setHeaders(response, {
        'Access-Control-Allow-Origin': '*',
        'Cache-Control': 'public, max-age=300',
      });
      const auth = find();
      if (auth && auth.authorizationServers.length > 0) {
        this.adapter.reply(
          response,
          protectedResourceDocument(auth, request),
          200,
        );
      } else {
        this.adapter.reply(response, { error: 'not_found' }, 404);
      }
    };
    const preflight = (_request: unknown, response: unknown): void => {
      this.setHeaders(response, {
        'Access-Control-Allow-Origin': '*',
        'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
        'Access-Control-Allow-Headers': '*',
        'Access-Control-Max-Age': '600',
      });
      this.adapter.reply(response, '', 204);
    };
    this.adapter.get(path, answer as never);
    this.adapter.options(path, preflight as never);
  }

  private setHeaders(response: unknown, headers: Record<string, string>): void {
    for (const [name, value] of Object.entries(headers)) {
      this.adapter.setHeader(response, name, value);
    }
  }
}

/** A resource without a path is at the root; else the root stands for the only one there is. */
function ownerOfRoot(servers: readonly ServerAuth[]): ServerAuth | undefined {
  const [only, ...others] = servers;
  return (
    servers.find(({ metadataPaths }) => metadataPaths.includes(ROOT)) ??
    (others.length === 0 ? only : undefined)
  );
}
