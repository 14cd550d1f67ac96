import type { HttpServer } from '@nestjs/common';
import type { RequestWithHeaders } from '../guards/auth.provider.js';
import type { ServerAuth } from '../guards/server-auth.js';
import { DocumentOwners, ROOT } from './document-owners.js';
import { protectedResourceDocument } from './protected-resource.document.js';
import { answerPreflight, answerPublicly } from './public-document.js';

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
