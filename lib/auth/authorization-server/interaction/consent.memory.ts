import { createHash } from 'node:crypto';
import { isLoopbackRedirect } from '../registration/redirect-uri.policy.js';
import type { OAuthStore } from '../storage/oauth.store.js';

/** What somebody agreed to: nothing else is covered by it. */
export interface ConsentTerms {
  readonly subject: string;
  readonly clientId: string;
  /** Where the code went: this one URI, at any port of loopback (RFC 8252, section 7.3). */
  readonly redirectUri: string;
  readonly resource: string;
}

/** Consents that were given, for as long as they are remembered. */
export class ConsentMemory {
  /** @param lifetime seconds; 0 remembers nothing */
  constructor(
    private readonly store: OAuthStore,
    readonly lifetime: number,
  ) {}

  async covers(
    terms: ConsentTerms,
    scopes: readonly string[],
  ): Promise<boolean> {
    const known = await this.store.get(keyOf(terms));
    return (
      Array.isArray(known) &&
      scopes.length > 0 &&
      scopes.every((scope) => known.includes(scope))
    );
  }

  async remember(
    terms: ConsentTerms,
    scopes: readonly string[],
  ): Promise<void> {
    if (this.lifetime > 0) {
      await this.store.set(keyOf(terms), scopes, this.lifetime);
    }
  }
}

function keyOf({
  subject,
  clientId,
  redirectUri,
  resource,
}: ConsentTerms): string {
  return `consent:${createHash('sha256')
    .update(JSON.stringify([subject, clientId, placeOf(redirectUri), resource]))
    .digest('base64url')}`;
}

/** Programs on the person's machine take whatever port is free; everything else of the URI counts. */
function placeOf(redirectUri: string): string {
  if (!isLoopbackRedirect(redirectUri)) {
    return redirectUri;
  }
  const url = new URL(redirectUri);
  url.port = '';
  return url.href;
}
