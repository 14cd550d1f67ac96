import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { ServedResources } from '../auth/issuer/authorization-server-options.interface.js';
import type { CompatibilitySettings } from './compatibility-settings.js';
import { DirectProxy } from './direct/direct.proxy.js';
import { MetadataMirror } from './metadata.mirror.js';

/** Serves what options of FastAPI-MCP ask for beyond what the other options do. */
export class CompatibilityServer {
  private readonly mirror: MetadataMirror | undefined;
  private readonly direct: DirectProxy | undefined;

  constructor(
    private readonly settings: CompatibilitySettings,
    served: ServedResources,
    adapterHost: HttpAdapterHost,
    modules: ModuleRef,
  ) {
    const { mirror, direct } = settings;
    this.mirror = mirror && new MetadataMirror(mirror, served, adapterHost);
    this.direct =
      direct && new DirectProxy(direct, served, adapterHost, modules);
  }

  /** Issuers that clients are sent to; undefined where others decide. */
  get authorizationServers(): readonly string[] | undefined {
    return this.direct && [this.direct.issuer];
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    this.mirror?.mount();
    this.direct?.mount();
  }

  /** @throws Error where the provider or the storage cannot be used */
  async prepare(): Promise<void> {
    await this.direct?.prepare();
  }

  /**
   * Called where no tokens are verified: metadata promises clients that they are.
   *
   * @param isGuarded whether guards of the application decide on callers
   * @throws Error where nothing does, and `enforce` does not say that this is meant
   */
  checkGuards(isGuarded: boolean): void {
    if (this.settings.mirror?.enforce && !isGuarded) {
      throw new Error(
        'auth.customMetadata sends clients to a login, and nothing here asks ' +
          'for what they bring from it: there is no verifier, no provider and ' +
          'no guard. Set auth.verifier or auth.issuer, or guards of your own; ' +
          'or auth.enforce: false to say that the server is meant to be open.',
      );
    }
  }

  async close(): Promise<void> {
    await this.direct?.close();
  }
}
