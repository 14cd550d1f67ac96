import { HttpException, HttpStatus } from '@nestjs/common';
import {
  getAccessToken,
  missingScopes,
  noteAsserted,
} from '../context/request-context.js';
import type { AccessToken } from '../token/access-token.js';
import type { AccessRule } from './access-rule.js';

/**
 * Holds the caller to scopes from inside a tool or a service, by the server's
 * `ScopeMatcher`.
 *
 * @throws HttpException 401 "Authentication required" without a token; 403
 * "Missing required scope: x" or "Missing scopes: a, b"
 * @publicApi
 */
export function assertScopes(...scopes: [string, ...string[]]): void {
  noteAsserted(scopes);
  const token = getAccessToken();
  if (!token) {
    throw new HttpException('Authentication required', HttpStatus.UNAUTHORIZED);
  }
  const missing = missingScopes(token, scopes);
  if (missing.length > 0) {
    throw new HttpException(
      missing.length === 1
        ? `Missing required scope: ${missing[0]}`
        : `Missing scopes: ${missing.join(', ')}`,
      HttpStatus.FORBIDDEN,
    );
  }
}

/**
 * Decides whether the scopes of a token satisfy one that is asked for. Replace
 * it where scopes form a hierarchy:
 *
 * ```ts
 * class Hierarchy extends ScopeMatcher {
 *   matches(granted: readonly string[], required: string) {
 *     return granted.includes(required) || granted.includes('admin');
 *   }
 * }
 * ```
 *
 * @publicApi
 */
export abstract class ScopeMatcher {
  /** Whether the scopes of a token hold one that an operation asks for. */
  abstract matches(granted: readonly string[], required: string): boolean;

  /** The scopes, of those asked for, that the token lacks. */
  missing(granted: readonly string[], required: readonly string[]): string[] {
    return required.filter((scope) => !this.matches(granted, scope));
  }
}

/** A scope satisfies itself and nothing else (RFC 6749, section 3.3). @publicApi */
export class ExactScopeMatcher extends ScopeMatcher {
  matches(granted: readonly string[], required: string): boolean {
    return granted.includes(required);
  }
}

/** Which scopes one server asks for, and whether a token has them. */
export class ScopePolicy {
  /** Replaceable by the application. */
  matcher: ScopeMatcher = new ExactScopeMatcher();
  private operationScopes: readonly string[] = [];

  /**
   * @param required scopes that every request needs
   * @param announced scopes for the metadata document; undefined for those asked for
   */
  constructor(
    private readonly required: () => readonly string[],
    private readonly announced: readonly string[] | undefined,
  ) {}

  /**
   * Scopes for the metadata document; refresh tokens are the client's own
   * business. Those of operations come first: a client that steps up asks for
   * what it had and then for more, and where mcp-remote reads the same text
   * here, it takes it for a default and asks for what it had alone.
   */
  get supported(): readonly string[] {
    const required = this.required();
    const scopes = this.announced ?? [
      ...this.operationScopes.filter((scope) => !required.includes(scope)),
      ...required,
    ];
    return [...new Set(scopes)].filter((scope) => scope !== 'offline_access');
  }

  /** Of a token's scopes, those that this server tells of. */
  knownOf(token: AccessToken | null): readonly string[] {
    const { supported } = this;
    return token?.scopes.filter((scope) => supported.includes(scope)) ?? [];
  }

  /** Makes the scopes that operations ask for known to clients. */
  advertise(operationScopes: readonly string[]): void {
    this.operationScopes = operationScopes;
  }

  /** Every scope that operations with these rules need, the server's own included. */
  neededBy(rules: readonly AccessRule[]): string[] {
    // For every request: such lists are short, and a Set would cost more.
    const needed: string[] = [];
    for (const scopes of [this.required(), ...rules.map(scopesOf)]) {
      for (const scope of scopes) {
        if (!needed.includes(scope)) {
          needed.push(scope);
        }
      }
    }
    return needed;
  }

  /** The scopes among those needed that the token does not have. */
  missing(token: AccessToken, needed: readonly string[]): readonly string[] {
    return this.matcher.missing(token.scopes, needed);
  }

  /**
   * Whether the token has the scopes of the rules; null stands for an anonymous
   * caller. What is open to nobody in particular is open to every good token.
   */
  allows(token: AccessToken | null, rules: readonly AccessRule[]): boolean {
    return (
      (rules.length > 0 && rules.every(({ isPublic }) => isPublic)) ||
      (token !== null && this.missing(token, this.neededBy(rules)).length === 0)
    );
  }
}

function scopesOf({ scopes }: AccessRule): readonly string[] {
  return scopes;
}
