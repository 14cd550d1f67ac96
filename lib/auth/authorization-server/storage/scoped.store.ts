import { OAuthStore } from './oauth.store.js';

/** One server's part of a storage that others use as well. */
export class ScopedOAuthStore extends OAuthStore {
  constructor(
    private readonly store: OAuthStore,
    private readonly prefix: string,
  ) {
    super();
  }

  override get(key: string): Promise<unknown> {
    return this.store.get(this.prefix + key);
  }

  override set(key: string, value: unknown, lifetime?: number): Promise<void> {
    return this.store.set(this.prefix + key, value, lifetime);
  }

  override take(key: string): Promise<unknown> {
    return this.store.take(this.prefix + key);
  }

  override delete(key: string): Promise<void> {
    return this.store.delete(this.prefix + key);
  }

  override add(key: string, amount: number, lifetime: number): Promise<number> {
    return this.store.add(this.prefix + key, amount, lifetime);
  }
}
