import { createHash } from 'node:crypto';
import type { Logger, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { findContract, findNamed } from '../../../nest/contracts.js';
import { MemoryOAuthStore } from './memory.store.js';
import { OAuthStore } from './oauth.store.js';
import { ScopedOAuthStore } from './scoped.store.js';

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
