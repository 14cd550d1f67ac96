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
