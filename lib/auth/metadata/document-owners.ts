import type { ServerAuth } from '../guards/server-auth.js';

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
