import type { AccessToken } from '../token/access-token.js';
import { VerifierUnavailableError } from '../token/token.errors.js';
import { verifyWith } from './normalize-verified.js';
import {
  TokenVerifier,
  type AcceptedTokens,
  type AudienceBinding,
  type VerifyContext,
} from './token-verifier.js';
import { weakestAudience } from './audience-rule.js';

/**
 * Asks several verifiers in order; the first that accepts the token decides.
 * One that cannot be reached does not stop the others, but where none accepts,
 * the answer is an outage rather than a refusal.
 *
 * @publicApi
 */
export class CompositeTokenVerifier extends TokenVerifier {
  /** That of the weakest member. */
  override readonly audienceBinding: AudienceBinding;
  /** Those of all members together. */
  override readonly requiredScopes: readonly string[];
  /** Those of all members, as they are prepared. */
  override issuers: readonly string[] = [];
  readonly #verifiers: readonly TokenVerifier[];

  /** @throws Error where the list is empty */
  constructor(verifiers: readonly TokenVerifier[]) {
    super();
    if (verifiers.length === 0) {
      throw new Error(
        'CompositeTokenVerifier: the list of verifiers is empty, so no token ' +
          'could pass. Name at least one.',
      );
    }
    this.#verifiers = [...verifiers];
    this.audienceBinding = weakestAudience(
      verifiers.map((verifier) => verifier.audienceBinding ?? 'none'),
    );
    this.requiredScopes = [
      ...new Set(
        verifiers.flatMap((verifier) => verifier.requiredScopes ?? []),
      ),
    ];
  }

  /** @throws VerifierUnavailableError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | null> {
    let outage: VerifierUnavailableError | undefined;
    for (const verifier of this.#verifiers) {
      try {
        const verified = await verifyWith(verifier, token, context);
        if (verified) {
          return verified;
        }
      } catch (error) {
        // `verifyWith` throws nothing else.
        outage ??= error as VerifierUnavailableError;
      }
    }
    if (outage) {
      throw outage;
    }
    return null;
  }

  /** That of all members. */
  override get accepts(): readonly AcceptedTokens[] {
    return this.#verifiers.flatMap(({ accepts }) => accepts ?? []);
  }

  override async prepare(): Promise<void> {
    await Promise.all(this.#verifiers.map((verifier) => verifier.prepare?.()));
    this.issuers = [
      ...new Set(this.#verifiers.flatMap(({ issuers }) => issuers ?? [])),
    ];
  }
}
