import { InvalidTokenError } from './token.errors.js';
import type { OptionKeys } from '../../options/option-keys.js';

/**
 * What an issuer or a verifier says about a token: the payload of a JWT, an
 * introspection response, or an object of your own.
 *
 * @publicApi
 */
export type TokenClaims = Readonly<Record<string, unknown>>;

/**
 * Where in the claims a value is. A string is the claim's name or, where no
 * claim has that name, a path with dots (`realm_access.roles`); of a list, the
 * first that is there counts.
 *
 * @publicApi
 */
export interface ClaimPaths {
  /** A string with spaces or a list. @default `['scope', 'scopes', 'scp']` */
  readonly scopes?: string | readonly string[];
  /** @default `['sub', 'user_id', 'userId']` */
  readonly subject?: string | readonly string[];
  /** @default `['client_id', 'azp']` */
  readonly clientId?: string | readonly string[];
  /** A list, or one role as a string. @default `['roles', 'role']` */
  readonly roles?: string | readonly string[];
  /** A list, or one permission as a string. @default `'permissions'` */
  readonly permissions?: string | readonly string[];
}

export const CLAIM_PATH_KEYS: OptionKeys<ClaimPaths> = {
  scopes: true,
  subject: true,
  clientId: true,
  roles: true,
  permissions: true,
};

/** Paths that hold where {@link ClaimPaths} names none. */
export const DEFAULT_CLAIM_PATHS: Required<ClaimPaths> = {
  scopes: ['scope', 'scopes', 'scp'],
  subject: ['sub', 'user_id', 'userId'],
  clientId: ['client_id', 'azp'],
  roles: ['roles', 'role'],
  permissions: 'permissions',
};

/** First value, neither undefined nor null, at one of `paths`. */
export function readClaim(
  claims: TokenClaims,
  paths: string | readonly string[],
): unknown {
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const value = valueAt(claims, path);
    if (value !== undefined) {
      return value;
    }
  }
  return undefined;
}

/** A whole name before its parts: names may be URLs, full of dots, at any depth. */
function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const claims = value as TokenClaims;
  if (Object.hasOwn(claims, path)) {
    return claims[path] ?? undefined;
  }
  if (!path.includes('.')) {
    return undefined;
  }
  for (const { index } of path.matchAll(/\./g)) {
    const name = path.slice(0, index);
    const found = Object.hasOwn(claims, name)
      ? valueAt(claims[name], path.slice(index + 1))
      : undefined;
    if (found !== undefined) {
      return found;
    }
  }
  return undefined;
}

/** A non-empty string, or undefined for anything else. */
export function toText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** The strings of a list, each once; a single string is a list of one. */
export function toList(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [...new Set(values.map(toText).filter((text) => text !== undefined))];
}

/** Scopes of a `scope` string (RFC 6749 section 3.3) or of a list. */
export function toScopes(value: unknown): readonly string[] {
  return toList(typeof value === 'string' ? value.split(/\s+/) : value);
}

/**
 * Whether an answer about a token stands by it: `active` (RFC 7662 section 2.2)
 * and `valid`, where they are there, are `true`, and there is no `error`. What
 * is nearly so (`'false'`, `0`, null) is a no.
 */
export function affirms(claims: TokenClaims): boolean {
  const { active = true, valid = true, error = null } = claims;
  return active === true && valid === true && error === null;
}

/** As a calendar date begins in ISO 8601; other texts are read by guessing. */
const ISO_DATE = /^\d{4}-\d{2}-\d{2}/;

/**
 * When the token expires: `exp`, a number of seconds since 1970 (RFC 7662
 * section 2.2, RFC 7519 section 4.1.4), else `expires_at`, the same or an ISO
 * 8601 date; null without either. A null `expires_at` is none, a null `exp` is
 * not: JSON writes null for a number that could not be computed.
 *
 * @throws InvalidTokenError where the value is no time: it must not pass for "never"
 */
export function readExpiry(claims: TokenClaims): Date | null {
  const { exp } = claims;
  const value =
    exp === undefined ? readClaim(claims, ['expires_at', 'expiresAt']) : exp;
  if (value === undefined) {
    return null;
  }
  const expiry = typeof exp === 'string' ? undefined : toDate(value);
  if (!expiry || Number.isNaN(expiry.getTime())) {
    throw new InvalidTokenError('claims');
  }
  return expiry;
}

function toDate(value: unknown): Date | undefined {
  if (typeof value === 'number') {
    return new Date(value * 1000);
  }
  return value instanceof Date ||
    (typeof value === 'string' && ISO_DATE.test(value))
    ? new Date(value)
    : undefined;
}
