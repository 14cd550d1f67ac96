import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { injectorsOf } from '../nest/contracts.js';
import { McpSecurityEventsModule } from './audit/security-events.js';
import { AuthChallenge } from './challenge/auth.challenge.js';
import { McpAuthGuard } from './guards/mcp-auth.guard.js';
import { TokenIssuersModule } from './issuer/token-issuers.js';
import {
  McpMetadataController,
  ProtectedResourceMetadata,
} from './metadata/mcp-metadata.controller.js';
import { INJECTED_AUTH, isInjectedAuth } from './server/auth-dependencies.js';
import {
  InjectedAuthChallenge,
  InjectedTokenVerifier,
  McpTokenVerifiers,
} from './server/injected-auth.js';
import { ProtectedResources } from './server/protected-resources.js';
import { TokenVerifier } from './verifiers/token-verifier.js';

/** The guard as a provider, which asks for nothing as long as nobody injects it. */
class ProvidedGuard extends McpAuthGuard {
  override onApplicationBootstrap(): void {}
}

/**
 * What there is once in an application, however many servers it has, and what
 * can be injected anywhere. `TokenVerifier` and `AuthChallenge` are those of
 * `McpAuthModule`, else those of the only server with tokens.
 */
@Global()
@Module({
  imports: [McpSecurityEventsModule, TokenIssuersModule],
  providers: [
    ProtectedResources,
    McpMetadataController,
    McpTokenVerifiers,
    ProtectedResourceMetadata,
    { provide: McpAuthGuard, useClass: ProvidedGuard },
    {
      provide: TokenVerifier,
      useFactory: (resources: ProtectedResources) =>
        new InjectedTokenVerifier(() => resources.only),
      inject: [ProtectedResources],
    },
    {
      provide: AuthChallenge,
      useFactory: (resources: ProtectedResources) =>
        new InjectedAuthChallenge(() => resources.only),
      inject: [ProtectedResources],
    },
    {
      provide: INJECTED_AUTH,
      useFactory: (verifier: TokenVerifier, challenge: AuthChallenge) => ({
        verifier: isInjectedAuth(verifier) ? undefined : verifier,
        challenge: isInjectedAuth(challenge) ? undefined : challenge,
      }),
      inject: [TokenVerifier, AuthChallenge],
    },
  ],
  exports: [
    INJECTED_AUTH,
    ProtectedResources,
    McpMetadataController,
    McpTokenVerifiers,
    ProtectedResourceMetadata,
    McpAuthGuard,
    TokenVerifier,
    AuthChallenge,
  ],
})
export class AuthCoreModule implements OnApplicationBootstrap {
  constructor(
    private readonly modules: ModuleRef,
    private readonly resources: ProtectedResources,
    private readonly verifiers: McpTokenVerifiers,
  ) {}

  /** @throws Error where something is injected that could be that of several servers, or of none */
  onApplicationBootstrap(): void {
    this.verifiers.check();
    for (const contract of [TokenVerifier, McpAuthGuard]) {
      const injected = this.modules.get<object>(contract);
      const [injector] = injectorsOf(this.modules, injected, AuthCoreModule);
      if (
        injector !== undefined &&
        (injected instanceof InjectedTokenVerifier ||
          injected instanceof ProvidedGuard)
      ) {
        this.resources.routes(`${injector} injects ${contract.name}`);
      }
    }
  }
}
