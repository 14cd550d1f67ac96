import { Inject, Injectable } from '@nestjs/common';
import type { ServerOptions } from '@modelcontextprotocol/server';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { CacheOptions } from '../../server/mcp-options.interface.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import { shown } from '../../options/option-values.js';

type Hints = NonNullable<ServerOptions['cacheHints']>;

const LISTS = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
] as const;

/** What clients are told of how long the lists hold (MCP 2026-07-28, Caching). */
@Injectable()
export class CacheHints {
  readonly ofLists: Hints;

  /** @throws Error for a time that is none */
  constructor(
    @Inject(SERVER_SETTINGS) { cache }: ServerSettings,
    private readonly auth: ServerAuth,
  ) {
    const hint = checkCacheOptions('cache', cache);
    this.ofLists = Object.fromEntries(LISTS.map((method) => [method, hint]));
  }

  /**
   * To be called once the application's parts are known.
   *
   * @throws Error where lists that depend on the caller are said to be public
   */
  check(): void {
    const isPublic = this.ofLists['tools/list']?.cacheScope === 'public';
    if (isPublic && (this.auth.verifiesTokens || !this.auth.showsAll)) {
      throw new Error(
        'McpModule: cache.cacheScope is "public", but the lists of this server ' +
          'depend on the caller. Leave it out, or write "private".',
      );
    }
  }
}

/**
 * @param option for the message: `cache`
 * @throws Error naming the option, its value and the remedy
 */
export function checkCacheOptions(
  option: string,
  { ttlMs = 0, cacheScope = 'private' }: CacheOptions = {},
): Required<CacheOptions> {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 0) {
    throw new Error(
      `${option}.ttlMs is ${shown(ttlMs)}. Write milliseconds, a whole number from 0.`,
    );
  }
  if (cacheScope !== 'public' && cacheScope !== 'private') {
    throw new Error(
      `${option}.cacheScope is "${String(cacheScope)}". Write "public" or "private".`,
    );
  }
  return { ttlMs, cacheScope };
}
