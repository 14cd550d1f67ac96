import { createHash } from 'node:crypto';
import type { LoggedIn } from '../../auth/issuer/login.service.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { isLoopbackRedirect } from '../clients/redirect-uri.policy.js';

/** Names of people who are logged in, for pages alone: tokens do not have them. */
export class DisplayNames {
  /** @param lifetime seconds: as long as a browser stays logged in */
  constructor(
    private readonly store: OAuthStore,
    private readonly lifetime: number,
  ) {}

  async meet({ subject, displayName }: LoggedIn): Promise<void> {
    if (displayName !== undefined) {
      await this.store.set(personKey(subject), displayName, this.lifetime);
    }
  }

  async nameOf(subject: string): Promise<string | undefined> {
    const name = await this.store.get(personKey(subject));
    return typeof name === 'string' ? name : undefined;
  }
}

function personKey(subject: string): string {
  return `person:${createHash('sha256').update(subject).digest('base64url')}`;
}

/** What somebody agreed to: nothing else is covered by it. */
export interface ConsentTerms {
  readonly subject: string;
  readonly clientId: string;
  /** Where the code went: this one URI, at any port of loopback (RFC 8252, section 7.3). */
  readonly redirectUri: string;
  readonly resource: string;
}

/** Whom somebody has agreed to, whatever to. */
type Acquaintance = Omit<ConsentTerms, 'resource'>;

/** Consents that were given, for as long as they are remembered. */
export class RememberedConsents {
  /**
   * @param lifetime seconds that a consent is good for another request; 0 remembers none
   * @param acquaintance seconds that it is known that somebody consented to a client
   */
  constructor(
    private readonly store: OAuthStore,
    readonly lifetime: number,
    private readonly acquaintance: number,
  ) {}

  async covers(
    terms: ConsentTerms,
    scopes: readonly string[],
  ): Promise<boolean> {
    const known = await this.store.get(consentKey(terms));
    return (
      Array.isArray(known) &&
      scopes.length > 0 &&
      scopes.every((scope) => known.includes(scope))
    );
  }

  /** Notes that the person let the client have a code at this place: what errors may follow. */
  async meet(terms: Acquaintance): Promise<void> {
    await this.store.set(acquaintanceKey(terms), true, this.acquaintance);
  }

  /** Whether the person ever let the client have a code at this place. */
  async hasMet(terms: Acquaintance): Promise<boolean> {
    return (await this.store.get(acquaintanceKey(terms))) !== undefined;
  }

  async remember(
    terms: ConsentTerms,
    scopes: readonly string[],
  ): Promise<void> {
    if (this.lifetime > 0) {
      await this.store.set(consentKey(terms), scopes, this.lifetime);
    }
  }
}

function consentKey({ resource, ...terms }: ConsentTerms): string {
  return `consent:${digestOf(terms, resource)}`;
}

function acquaintanceKey(terms: Acquaintance): string {
  return `met:${digestOf(terms)}`;
}

function digestOf(
  { subject, clientId, redirectUri }: Acquaintance,
  ...others: readonly string[]
): string {
  return createHash('sha256')
    .update(
      JSON.stringify([subject, clientId, placeOf(redirectUri), ...others]),
    )
    .digest('base64url');
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
