import {
  answerPreflight,
  answerPublicly,
} from '../auth/metadata/mcp-metadata.controller.js';
import type { TokenIssuerContext } from '../auth/issuer/token-issuers.js';
import type { MirrorOptions } from './auth-config.settings.js';

const STANDARD = '/.well-known/oauth-authorization-server';

/**
 * Serves metadata of an authorization server elsewhere, for clients of the
 * 2025-03-26 specification, which look for it at the resource itself. By routes
 * of the adapter, as all metadata.
 */
export class MetadataMirror {
  constructor(
    private readonly options: MirrorOptions,
    private readonly context: TokenIssuerContext,
  ) {}

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    const { httpAdapter } = this.context.adapterHost;
    for (const path of this.paths) {
      httpAdapter.get(path, ((_request: unknown, response: unknown) =>
        answerPublicly(httpAdapter, response, this.options.document)) as never);
      httpAdapter.options(path, ((_request: unknown, response: unknown) =>
        answerPreflight(httpAdapter, response)) as never);
    }
  }

  /** RFC 8414, section 3.1: the well-known part goes before the path of the resource. */
  private get paths(): readonly string[] {
    if (this.options.path !== undefined) {
      return [this.options.path];
    }
    const { issuers, served } = this.context;
    const { endpointPath, resources } = served;
    const pathnames = resources.map((name) => new URL(name).pathname);
    return [
      ...new Set([
        ...[endpointPath(), ...pathnames].map(
          (path) => `${STANDARD}${path.replace(/\/$/, '')}`,
        ),
        ...(issuers.isOnlyOne ? [STANDARD] : []),
      ]),
    ];
  }
}
