import { shown } from '../../../options/option-values.js';
import { loadJose } from '../../../platform/optional-packages.js';
import { readClaim, type TokenClaims, toList } from '../../token/claims.js';
import { InvalidTokenError } from '../../token/token.errors.js';
import {
  checkAccessTokenClaims,
  checkTypeHeader,
} from '../access-token-kind.js';
import { AudienceRule } from '../audience-rule.js';
import {
  type JwksCacheOptions,
  JWT_ISSUER_KEYS,
  type JwtIssuerOptions,
  type JwtVerifierOptions,
} from './jwt-options.interface.js';
import { keySource, type KeySource } from './key-source.js';
import { VerifiedJwt } from './verified-jwts.js';

/** What all issuers of a verifier share. */
interface SharedJwtOptions {
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

/** Options that belong to one issuer, and so into `issuers` where that is given. */
const PER_ISSUER = Object.keys(JWT_ISSUER_KEYS) as (keyof JwtIssuerOptions)[];

/**
 * Reads the options into issuers, none of which shares a name with another.
 *
 * @throws Error where the options are contradictory or unsafe
 */
export function trustedIssuers(
  owner: string,
  options: JwtVerifierOptions,
): readonly TrustedIssuer[] {
  const { issuers, jwks, clockTolerance = 0 } = options;
  checkNumbers(owner, { clockTolerance, ...jwks });
  const shared = { clockTolerance, jwks };
  if (!issuers) {
    return [new TrustedIssuer(owner, options, shared)];
  }
  const misplaced = PER_ISSUER.find((name) => options[name] !== undefined);
  if (misplaced) {
    throw new Error(
      `${owner}: ${misplaced} stands beside issuers. Write it into each ` +
        'entry of issuers that it belongs to.',
    );
  }
  const trusted = issuers.map(
    (entry, index) =>
      new TrustedIssuer(`${owner}.issuers[${index}]`, entry, shared),
  );
  checkNames(owner, trusted);
  return trusted;
}

function checkNames(owner: string, trusted: readonly TrustedIssuer[]): void {
  const names = trusted.map((issuer) => issuer.names);
  if (names.length === 0 || names.includes(undefined)) {
    throw new Error(
      `${owner}: each of issuers needs its issuer, by which the keys are ` +
        'chosen. Set it to the `iss` of its tokens.',
    );
  }
  const all = names.flatMap((list) => list ?? []);
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new Error(
      `${owner}: issuers has "${twice}" more than once, so that its keys ` +
        'would be a matter of order. Keep one entry per issuer.',
    );
  }
}

function checkNumbers(
  owner: string,
  numbers: Readonly<Record<string, number | undefined>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      throw new Error(
        `${owner}: ${name} is ${shown(value)}. Give a number of 0 or more.`,
      );
    }
  }
}
