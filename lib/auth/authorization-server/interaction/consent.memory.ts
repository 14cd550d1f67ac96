import { createHash } from 'node:crypto';
import type { OAuthStore } from '../storage/oauth.store.js';

/** What somebody agreed to: nothing else is covered by it. */
export interface ConsentTerms {
  readonly subject: string;
  readonly clientId: string;
  /** Where the code went, without the port of loopback. */
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
  const { protocol, host, hostname } = new URL(redirectUri);
  const place = protocol === 'http:' ? hostname : host;
  return `consent:${createHash('sha256')
    .update(JSON.stringify([subject, clientId, protocol, place, resource]))
    .digest('base64url')}`;
}
