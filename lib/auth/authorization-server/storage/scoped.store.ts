import type { LoggerService } from '@nestjs/common';
import { OAuthStore, type StoredRank } from './oauth.store.js';
import { RecordTooLargeError, StoreUnavailableError } from './store.errors.js';

/** Milliseconds between two lines of the log about a storage that fails. */
const LOG_EVERY = 60_000;

/**
 * One server's part of a storage that others use as well. Whatever the storage
 * fails with becomes a {@link StoreUnavailableError}, so that a request is
 * answered 503.
 */
export class ScopedOAuthStore extends OAuthStore {
  private loggedAt = -Infinity;

  constructor(
    private readonly store: OAuthStore,
    private readonly prefix: string,
    private readonly logger: Pick<LoggerService, 'error'>,
  ) {
    super();
  }

  override get(key: string): Promise<unknown> {
    return this.guard(() => this.store.get(this.prefix + key));
  }

  override set(
    key: string,
    value: unknown,
    lifetime?: number,
    rank?: StoredRank,
  ): Promise<void> {
    return this.guard(() =>
      this.store.set(this.prefix + key, value, lifetime, rank),
    );
  }

  override take(key: string): Promise<unknown> {
    return this.guard(() => this.store.take(this.prefix + key));
  }

  override delete(key: string): Promise<void> {
    return this.guard(() => this.store.delete(this.prefix + key));
  }

  override add(key: string, amount: number, lifetime: number): Promise<number> {
    return this.guard(() =>
      this.store.add(this.prefix + key, amount, lifetime),
    );
  }

  private async guard<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (cause) {
      if (cause instanceof RecordTooLargeError) {
        throw cause;
      }
      const now = performance.now();
      if (now - this.loggedAt >= LOG_EVERY) {
        this.loggedAt = now;
        this.logger.error(
          `The storage of the authorization server fails: ${String(cause)}`,
        );
      }
      throw new StoreUnavailableError({ cause });
    }
  }
}
