import type { TokenIssuerContext } from '../auth/issuer/token-issuers.js';
import { TokenIssuer } from '../auth/issuer/token.issuer.js';
import { DirectProxy } from './direct/direct.proxy.js';
import { MetadataMirror } from './metadata.mirror.js';
import type { AuthConfigSettings } from './auth-config.settings.js';

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
