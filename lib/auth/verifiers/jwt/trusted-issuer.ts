import { readClaim, toList, type TokenClaims } from '../../claims.js';
import { InvalidTokenError } from '../../errors/invalid-token.error.js';
import {
  checkAccessTokenClaims,
  checkTypeHeader,
} from '../access-token-kind.js';
import { AudienceRule } from '../audience-rule.js';
import { keySource, type KeySource } from './key-source.js';
import type {
  JwksCacheOptions,
  JwtIssuerOptions,
} from './jwt-options.interface.js';
import { loadJose } from './load-jose.js';
import { VerifiedJwt } from './verified-jwt.js';

/** What all issuers of a verifier share. */
export interface SharedJwtOptions {
  readonly clockTolerance: number;
  readonly jwks?: JwksCacheOptions;
}

/** One issuer with its keys and rules. */
export class TrustedIssuer {
  /** `iss` of its tokens; undefined where any will do. */
  readonly names: readonly string[] | undefined;
  readonly audience: AudienceRule;
  readonly keys: KeySource;
  private readonly types: readonly string[] | undefined;

  constructor(
    owner: string,
    private readonly options: JwtIssuerOptions,
    private readonly shared: SharedJwtOptions,
  ) {
    const { issuer, typ } = options;
    this.names = issuer ? toList(issuer) : undefined;
    if (issuer === '' || this.names?.length === 0) {
      throw new Error(
        `${owner}: issuer is empty. Set it to the \`iss\` of your tokens, or ` +
          'leave it out.',
      );
    }
    this.types = typ === undefined ? undefined : toList(typ);
    this.audience = new AudienceRule(
      owner,
      options.audience,
      options.audienceClaim,
    );
    this.keys = keySource(owner, options, shared.jwks);
  }

  /**
   * Checks signature, `crit`, `alg`, `iss`, `exp` and `nbf` (RFC 7515 section
   * 5.2, RFC 7519 section 7.2), then kind and further claims. The audience is
   * left to {@link VerifiedJwt.accept}.
   *
   * @throws what jose throws, InvalidTokenError, VerifierUnavailableError
   */
  async verify(token: string): Promise<VerifiedJwt> {
    const { jwtVerify } = await loadJose();
    const { clockTolerance } = this.shared;
    const { payload, protectedHeader } = await jwtVerify(
      token,
      (header, jws) => this.keys.find(header, jws),
      {
        algorithms: [...this.keys.algorithms],
        ...(this.names && { issuer: [...this.names] }),
        requiredClaims: ['exp'],
        clockTolerance,
      },
    );
    checkTypeHeader(protectedHeader.typ, this.types);
    checkAccessTokenClaims(payload);
    this.checkRequiredClaims(payload);
    return new VerifiedJwt(token, payload, {
      audience: this.audience,
      clockTolerance,
      paths: this.options.claims,
    });
  }

  private checkRequiredClaims(payload: TokenClaims): void {
    const required = Object.entries(this.options.requiredClaims ?? {});
    for (const [path, allowed] of required) {
      const value = readClaim(payload, path);
      const fits =
        allowed === true
          ? value !== undefined
          : toList(value).some((text) => toList(allowed).includes(text));
      if (!fits) {
        throw new InvalidTokenError('claims');
      }
    }
  }
}
