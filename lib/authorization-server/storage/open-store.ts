import type { Logger, LoggerService, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { createHash } from 'node:crypto';
import { OAuthStore, type StoredRank } from '../../auth/issuer/oauth.store.js';
import { findContract, findNamed } from '../../nest/contracts.js';
import { MemoryOAuthStore } from './memory.store.js';
import { RecordTooLargeError, StoreUnavailableError } from './store.errors.js';

/** Milliseconds between two lines of the log about a storage that fails. */
const LOG_EVERY = 60_000;

/**
 * One server's part of a storage that others use as well. Whatever the storage
 * fails with becomes a {@link StoreUnavailableError}, so that a request is
 * answered 503.
 */
class ScopedOAuthStore extends OAuthStore {
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

const STORE_METHODS = [
  'get',
  'set',
  'take',
  'delete',
  'add',
  'prepare',
  'close',
] as const;

/** A storage that is ready. */
export interface OpenStore {
  /** The part of one server, as several may share a storage. */
  readonly own: OAuthStore;
  close(): Promise<void>;
}

/**
 * Makes the storage of a server ready: the one that is named, else the
 * application's, else one in memory, with a warning.
 *
 * @throws Error where it cannot work
 */
export async function openStore(
  given: OAuthStore | Type<OAuthStore> | undefined,
  issuer: string,
  modules: ModuleRef,
  logger: Logger,
): Promise<OpenStore> {
  const option = 'authorizationServer.store';
  let store =
    findNamed(modules, given, STORE_METHODS, option) ??
    findContract(modules, OAuthStore, STORE_METHODS, option);
  if (!store) {
    logger.warn(
      'Clients and grants are kept in memory: a restart forgets them, and ' +
        'other instances do not know them. Set authorizationServer.store.',
    );
    store = new MemoryOAuthStore();
  }
  const opened = store;
  await opened.prepare();
  const part = createHash('sha256').update(issuer).digest('base64url');
  return {
    own: new ScopedOAuthStore(opened, `${part.slice(0, 12)}:`, logger),
    close: () => opened.close(),
  };
}
