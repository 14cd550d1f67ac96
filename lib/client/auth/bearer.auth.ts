import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type AuthTarget,
  type RefusedToken,
  TokenAuth,
} from './client-auth.js';

/** A token, or what gives one whenever a request is sent. @publicApi */
export type TokenSource = string | (() => string | Promise<string>);

/**
 * Sends a token that the application has: `Authorization: Bearer` (RFC 6750).
 * A function is asked for every request, and once more when the server has
 * answered 401.
 *
 * ```ts
 * auth: new BearerAuth(loadToken)
 * ```
 *
 * @publicApi
 */
export class BearerAuth extends TokenAuth {
  readonly #source: TokenSource;

  /** @throws Error for what is neither a text nor a function */
  constructor(source: TokenSource) {
    super();
    if (typeof source !== 'function') {
      checkToken(source);
    }
    this.#source = source;
  }

  /**
   * The headers that carry the token, for requests that are sent in another
   * way. Send them to the server that the token is for alone.
   */
  async getHeaders(): Promise<{ Authorization: string }> {
    return { Authorization: `Bearer ${await this.current()}` };
  }

  protected override token(): Promise<string> {
    return this.current();
  }

  protected override async renew(
    _target: AuthTarget,
    { token }: RefusedToken,
  ): Promise<string | undefined> {
    const next = await this.current();
    return next === token ? undefined : next;
  }

  private async current(): Promise<string> {
    const source = this.#source;
    return typeof source === 'function' ? checkToken(await source()) : source;
  }
}

/** What a header can carry, without spaces (RFC 6750, section 2.1). */
const TOKEN = /^[\x21-\x7e]+$/;

function checkToken(token: unknown): string {
  if (typeof token !== 'string' || !TOKEN.test(token)) {
    throw new Error(
      'BearerAuth: the token is no text, or is empty, or has spaces. Give the token alone, without "Bearer".',
    );
  }
  return token;
}

const VARIABLE = 'MCP_AUTH_TOKEN';

/**
 * The token of this machine's user: of the environment variable
 * `MCP_AUTH_TOKEN`, or else of the file `~/.config/mcp/token`, which nobody
 * else may read (mode 0600).
 *
 * @throws Error "No authentication token found" where there is neither; where
 * others may read the file
 * @publicApi
 */
export async function loadToken(): Promise<string> {
  const given = process.env[VARIABLE]?.trim();
  if (given) {
    return given;
  }
  const home = process.env['HOME'] || homedir();
  const file = join(home, '.config', 'mcp', 'token');
  const token = await readPrivate(file);
  if (!token) {
    throw new Error(
      `No authentication token found: set ${VARIABLE}, or write the token to ${file} (mode 0600).`,
    );
  }
  return token;
}

/** @returns undefined where there is no such file */
async function readPrivate(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    // Windows has no such modes.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new Error(
        `${file} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${file}`,
      );
    }
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}
