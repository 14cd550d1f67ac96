import type { InspectOptions } from 'node:util';
import {
  type ClaimPaths,
  DEFAULT_CLAIM_PATHS,
  readClaim,
  readExpiry,
  type TokenClaims,
  toList,
  toScopes,
  toText,
} from './claims.js';

/** A deep copy that nobody can change. */
function frozenCopy<T>(value: T): T {
  return deepFreeze(structuredClone(value));
}

function deepFreeze<T>(value: T): T {
  // Bytes cannot be frozen; claims that hold any are the application's own.
  if (
    typeof value === 'object' &&
    value !== null &&
    !ArrayBuffer.isView(value) &&
    !Object.isFrozen(value)
  ) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

const BRAND = Symbol.for('nestjs-mcp:access-token');

/** What an {@link AccessToken} is made of. @publicApi */
export interface AccessTokenInit {
  readonly token: string;
  /** @default `'bearer'` */
  readonly tokenType?: string;
  readonly clientId?: string;
  readonly subject?: string;
  readonly scopes?: readonly string[];
  /** Null or left out: it does not expire. */
  readonly expiresAt?: Date | null;
  readonly resource?: string;
  readonly issuer?: string;
  readonly claims?: TokenClaims;
  readonly roles?: readonly string[];
  readonly permissions?: readonly string[];
  /** Seconds that {@link AccessToken.isExpired} allows for clocks that differ. @default 0 */
  readonly clockTolerance?: number;
}

/** What {@link AccessToken.fromClaims} takes beside the claims. @publicApi */
export interface FromClaimsOptions {
  /** Where the values are. @default see {@link ClaimPaths} */
  readonly paths?: ClaimPaths;
  /** @default the claim `token_type`, else `'bearer'` */
  readonly tokenType?: string;
  /** The audience that was found to be this server. @default `aud`, if it is one string */
  readonly resource?: string;
  /** Seconds. @default 0 */
  readonly clockTolerance?: number;
}

/**
 * A token that was verified, and whom it speaks for. It cannot be changed, and
 * neither `JSON.stringify` nor `util.inspect` prints the token or its claims.
 *
 * @publicApi
 */
export class AccessToken {
  /** In lower case: `bearer`, `dpop`, `api_key`. */
  readonly tokenType: string;
  /** OAuth client the token was issued to. */
  readonly clientId: string | undefined;
  /** Whom the token speaks for, by the name the issuer gave. */
  readonly subject: string | undefined;
  readonly scopes: readonly string[];
  /** Resource (RFC 8707) the token was issued for, as it matched this server. */
  readonly resource: string | undefined;
  readonly issuer: string | undefined;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  readonly #token: string;
  readonly #claims: TokenClaims;
  readonly #expiresAt: number | null;
  readonly #clockTolerance: number;

  constructor(init: AccessTokenInit) {
    this.#token = init.token;
    this.tokenType = (init.tokenType ?? 'bearer').toLowerCase();
    this.clientId = init.clientId;
    this.subject = init.subject;
    this.scopes = Object.freeze([...(init.scopes ?? [])]);
    this.resource = init.resource;
    this.issuer = init.issuer;
    this.roles = Object.freeze([...(init.roles ?? [])]);
    this.permissions = Object.freeze([...(init.permissions ?? [])]);
    this.#claims = frozenCopy(init.claims ?? {});
    this.#expiresAt = init.expiresAt?.getTime() ?? null;
    this.#clockTolerance = init.clockTolerance ?? 0;
    if (new.target === AccessToken) {
      Object.freeze(this);
    }
  }

  /**
   * Reads claims into a token.
   *
   * @throws InvalidTokenError where the expiry is no time
   */
  static fromClaims(
    token: string,
    claims: TokenClaims,
    options: FromClaimsOptions = {},
  ): AccessToken {
    const text = (name: string): string | undefined =>
      toText(readClaim(claims, name));
    const at = (name: keyof ClaimPaths): unknown =>
      readClaim(claims, options.paths?.[name] ?? DEFAULT_CLAIM_PATHS[name]);
    return new AccessToken({
      token,
      claims,
      tokenType: options.tokenType ?? text('token_type'),
      clientId: toText(at('clientId')),
      subject: toText(at('subject')),
      scopes: toScopes(at('scopes')),
      expiresAt: readExpiry(claims),
      resource: options.resource ?? text('aud'),
      issuer: text('iss'),
      roles: toList(at('roles')),
      permissions: toList(at('permissions')),
      clockTolerance: options.clockTolerance,
    });
  }

  /** Whether `value` is one, also where it comes from the other module format. */
  static is(value: unknown): value is AccessToken {
    return typeof value === 'object' && value !== null && BRAND in value;
  }

  get [BRAND](): true {
    return true;
  }

  /** The token as it was sent. A secret: never log it, never pass it on. */
  get token(): string {
    return this.#token;
  }

  /** The same as {@link subject}. */
  get userId(): string | undefined {
    return this.subject;
  }

  /** Everything the issuer or the verifier said about the token. */
  get claims(): TokenClaims {
    return this.#claims;
  }

  /** The same as {@link claims}. */
  get metadata(): TokenClaims {
    return this.#claims;
  }

  /** When the token expires, or null where it does not. */
  get expiresAt(): Date | null {
    return this.#expiresAt === null ? null : new Date(this.#expiresAt);
  }

  /**
   * Whether the token has expired; false without expiry.
   *
   * @param skewSeconds how long after its expiry the token still holds.
   *   @default the clock tolerance of the verifier
   */
  isExpired(skewSeconds: number = this.#clockTolerance): boolean {
    return (
      this.#expiresAt !== null &&
      !(Date.now() < this.#expiresAt + skewSeconds * 1000)
    );
  }

  /** Whether the token has this scope, letter for letter. */
  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  /** Whether the token has each of these scopes; true for none. */
  hasAllScopes(scopes: readonly string[]): boolean {
    return scopes.every((scope) => this.hasScope(scope));
  }

  /** What may be printed: neither the token nor its claims. */
  toJSON(): Record<string, unknown> {
    return {
      tokenType: this.tokenType,
      clientId: this.clientId,
      subject: this.subject,
      scopes: this.scopes,
      expiresAt: this.expiresAt,
      resource: this.resource,
      issuer: this.issuer,
      roles: this.roles,
      permissions: this.permissions,
    };
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: InspectOptions,
    inspect: (value: unknown, options: InspectOptions) => string,
  ): string {
    return `AccessToken ${inspect(this.toJSON(), options)}`;
  }
}
