import { createHash } from 'node:crypto';
import type { LoggedIn } from '../login/login.service.js';
import type { OAuthStore } from '../storage/oauth.store.js';

/** Names of people who are logged in, for pages alone: tokens do not have them. */
export class PeopleMemory {
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
