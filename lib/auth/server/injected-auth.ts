import { Injectable } from '@nestjs/common';
import {
  AuthChallenge,
  type ChallengeParameters,
} from '../challenge/auth.challenge.js';
import { isBound } from '../credentials/dpop.proof.js';
import type { AccessToken } from '../token/access-token.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { verifyWith } from '../verifiers/normalize-verified.js';
import {
  type AcceptedTokens,
  TokenVerifier,
  type VerifyContext,
} from '../verifiers/token-verifier.js';
import { STANDS_FOR_ANOTHER } from './auth-dependencies.js';
import { ProtectedResources } from './protected-resources.js';
import type { ServerAuth } from './server-auth.js';

/** Finds the server that something injected stands for; undefined while it is not known. */
type Find = () => ServerAuth | undefined;

/**
 * What an application injects as `TokenVerifier`: the verifier of one server,
 * with what the guard checks beside it. The token was issued for that server, it
 * holds now, and it is bound to no key, as nobody proves one here.
 */
export class InjectedTokenVerifier extends TokenVerifier {
  readonly [STANDS_FOR_ANOTHER] = true;

  constructor(private readonly find: Find) {
    super();
    for (const name of [
      'audienceBinding',
      'issuers',
      'requiredScopes',
    ] as const) {
      const initial = this[name];
      Object.defineProperty(this, name, {
        get: () => this.find()?.verifier?.[name] ?? initial,
      });
    }
  }

  override get accepts(): readonly AcceptedTokens[] {
    return this.find()?.acceptedTokens ?? [];
  }

  /**
   * @returns the token, or null for a bad one
   * @throws VerifierUnavailableError where the issuer cannot be reached, and
   *   before the application has started
   */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | null> {
    const { verifier, names } = this.find() ?? {};
    if (!verifier) {
      throw new VerifierUnavailableError('The verifier is not ready yet');
    }
    const verified = await verifyWith(verifier, token, {
      audience: names,
      ...context,
    });
    return verified && !isBound(verified) ? verified : null;
  }
}

/** What an application injects as `AuthChallenge`: that of one server. */
export class InjectedAuthChallenge extends AuthChallenge {
  readonly [STANDS_FOR_ANOTHER] = true;

  constructor(private readonly find: Find) {
    super();
  }

  override header(scheme: string, parameters: ChallengeParameters): string {
    const { challenges } = this.find() ?? {};
    return (
      challenges?.header(scheme, parameters) ?? super.header(scheme, parameters)
    );
  }
}

/**
 * The verifiers of an application with several servers. Where there is one
 * server, or `McpAuthModule` says which tokens ordinary code takes, inject
 * `TokenVerifier` itself.
 *
 * ```ts
 * constructor(verifiers: McpTokenVerifiers) {
 *   this.verifier = verifiers.of('notes');
 * }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class McpTokenVerifiers {
  private readonly wanted = new Set<string>();

  constructor(private readonly resources: ProtectedResources) {}

  /**
   * The verifier of one server, which is ready once the application is.
   *
   * @param server its `name`; a name that no server with tokens has stops the
   *   application at start-up
   */
  of(server: string): TokenVerifier {
    this.wanted.add(server);
    return new InjectedTokenVerifier(() => this.resources.named(server));
  }

  /** @throws Error for a name that no server with tokens has */
  check(): void {
    for (const server of this.wanted) {
      if (!this.resources.named(server)?.verifiesTokens) {
        throw new Error(
          `McpTokenVerifiers.of("${server}"): no server with tokens has this ` +
            `name. There ${this.resources.describeNames()}.`,
        );
      }
    }
  }
}
