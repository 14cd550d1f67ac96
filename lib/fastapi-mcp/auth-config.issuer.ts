import type { TokenIssuerContext } from '../auth/issuer/token-issuers.js';
import { TokenIssuer } from '../auth/issuer/token.issuer.js';
import {
  answerPreflight,
  answerPublicly,
} from '../auth/metadata/mcp-metadata.controller.js';
import type {
  AuthConfigSettings,
  MirrorOptions,
} from './auth-config.settings.js';
import { DirectProxy } from './direct/direct.proxy.js';

const STANDARD = '/.well-known/oauth-authorization-server';

/**
 * Serves metadata of an authorization server elsewhere, for clients of the
 * 2025-03-26 specification, which look for it at the resource itself. By routes
 * of the adapter, as all metadata.
 */
class MetadataMirror {
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

/** Serves what an `AuthConfig` asks for beyond what the other options of `auth` do. */
export class AuthConfigIssuer extends TokenIssuer {
  private readonly mirror: MetadataMirror | undefined;
  private readonly direct: DirectProxy | undefined;

  constructor(
    private readonly settings: AuthConfigSettings,
    context: TokenIssuerContext,
  ) {
    super();
    const { mirror, direct } = settings;
    context.issuers.add(this);
    this.mirror = mirror && new MetadataMirror(mirror, context);
    this.direct = direct && new DirectProxy(direct, context);
  }

  override get issuers(): readonly string[] | undefined {
    return this.direct && [this.direct.issuer];
  }

  override get permitsOpenServer(): boolean {
    return this.settings.mirror?.enforce === false;
  }

  override mount(): void {
    this.mirror?.mount();
    this.direct?.mount();
  }

  override async prepare(): Promise<void> {
    await this.direct?.prepare();
  }

  override checkGuards(isGuarded: boolean): void {
    if (this.settings.mirror?.enforce && !isGuarded) {
      throw new Error(
        'auth.customMetadata sends clients to a login, and nothing here asks ' +
          'for what they bring from it: there is no verifier, no provider and ' +
          'no guard. Set auth.verifier or auth.issuer, or guards of your own; ' +
          'or auth.enforce: false to say that the server is meant to be open.',
      );
    }
  }

  override async close(): Promise<void> {
    await this.direct?.close();
  }
}
