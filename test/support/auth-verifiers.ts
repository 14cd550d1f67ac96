import {
  TokenVerifier,
  type VerifyContext,
} from '../../lib/auth/verifiers/token-verifier.js';
import { JwtTokenVerifier } from '../../lib/auth/verifiers/jwt/jwt-token.verifier.js';
import type { JwtVerifierOptions } from '../../lib/auth/verifiers/jwt/jwt-options.interface.js';

/** Verifies JWTs, and counts how often it is asked. */
export class CountingVerifier extends TokenVerifier {
  override readonly audienceBinding = 'claim';
  asked = 0;
  private readonly inner: JwtTokenVerifier;

  constructor(options: JwtVerifierOptions) {
    super();
    this.inner = new JwtTokenVerifier(options);
  }

  override verify(
    token: string,
    context?: VerifyContext,
  ): ReturnType<TokenVerifier['verify']> {
    this.asked++;
    return this.inner.verify(token, context);
  }
}

/** Does whatever a test makes it do. */
export class ScriptedVerifier extends TokenVerifier {
  override readonly audienceBinding = 'construction';

  constructor(
    private readonly script: (
      token: string,
    ) => Awaited<ReturnType<TokenVerifier['verify']>>,
  ) {
    super();
  }

  override verify(token: string): ReturnType<TokenVerifier['verify']> {
    return Promise.resolve().then(() => this.script(token));
  }
}
