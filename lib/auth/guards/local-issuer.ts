import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../access-token.js';
import { AuthorizationServer } from '../authorization-server/authorization-server.js';
import { CompatibilityServer } from '../authorization-server/compatibility/compatibility-server.js';
import type { ServedResources } from '../authorization-server/served-resources.interface.js';
import { issuingServers } from '../authorization-server/issuing-servers.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import type { TokenVerifier } from '../verifiers/token-verifier.js';
import type { AuthSettings } from './auth-settings.js';

/** What has a part in issuing tokens within the application; nothing, where the options ask for nothing. */
export class LocalIssuer {
  private readonly server: AuthorizationServer | undefined;
  private readonly compatibility: CompatibilityServer | undefined;
  private readonly forwards: boolean;

  /** @throws Error naming the option, its value and the remedy */
  constructor(
    { authorizationServer, compatibility }: AuthSettings,
    served: ServedResources,
    private readonly adapterHost: HttpAdapterHost,
    modules: ModuleRef,
  ) {
    this.forwards = authorizationServer?.forwardUpstreamToken ?? false;
    this.server =
      authorizationServer &&
      new AuthorizationServer(
        authorizationServer,
        served,
        adapterHost,
        modules,
      );
    this.compatibility =
      compatibility &&
      new CompatibilityServer(compatibility, served, adapterHost, modules);
  }

  /** Issuers that clients are sent to; undefined where tokens come from elsewhere. */
  get issuers(): readonly string[] | undefined {
    return this.server
      ? [this.server.issuer]
      : this.compatibility?.authorizationServers;
  }

  /** Judges the tokens that are issued here. */
  get verifier(): TokenVerifier | undefined {
    return this.server?.verifier;
  }

  /** Has the server of this application that issued a token know that it lacked a scope. */
  noteStepUp(token: AccessToken): void {
    for (const server of issuingServers(this.adapterHost)) {
      if (
        server instanceof AuthorizationServer &&
        server.issuer === token.issuer
      ) {
        server.stepUps.note(token);
      }
    }
  }

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(): void {
    this.server?.mount();
    this.compatibility?.mount();
  }

  /** @throws Error where an option, a key, the storage or the provider cannot be */
  async prepare(): Promise<void> {
    await this.server?.prepare();
    await this.compatibility?.prepare();
  }

  /** @throws Error where metadata promises a login that nobody asks for */
  checkGuards(isGuarded: boolean): void {
    this.compatibility?.checkGuards(isGuarded);
  }

  async close(): Promise<void> {
    await this.server?.close();
    await this.compatibility?.close();
  }

  /**
   * `Authorization` that a tool's route is called with, in place of the
   * caller's; undefined where it is the caller's own.
   *
   * @throws InvalidTokenError where the person has to log in again
   * @throws UpstreamUnavailableError where the identity provider cannot be reached
   */
  forwardedAuthorization(
    token: AccessToken | null,
  ): Promise<string> | undefined {
    return this.forwards && token
      ? this.upstreamAuthorization(token)
      : undefined;
  }

  private async upstreamAuthorization(token: AccessToken): Promise<string> {
    const upstream = await this.server?.upstreamTokens.get(token.subject);
    if (!upstream) {
      throw new InvalidTokenError('expired');
    }
    return `Bearer ${upstream}`;
  }
}
