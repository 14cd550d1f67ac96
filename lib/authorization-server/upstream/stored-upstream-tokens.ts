import {
  UpstreamTokens,
  type UpstreamTokenSet,
} from '../../auth/issuer/upstream-tokens.js';
import { TokenRecords } from './token-records.js';
import type { UpstreamSource } from './upstream.provider.js';
import { UpstreamRefusedError } from './upstream.provider.js';

/** Milliseconds before their end at which tokens are renewed. */
const RENEW_AHEAD = 60_000;

/** Keeps the tokens of one identity provider in the storage of its server. */
export class StoredUpstreamTokens extends UpstreamTokens {
  readonly #source: () => UpstreamSource | undefined;
  readonly #renewals = new Map<string, Promise<string | null>>();

  /** @param source asked at every call; undefined where there is no identity provider */
  constructor(source: () => UpstreamSource | undefined) {
    super();
    this.#source = source;
  }

  override async get(subject: string | undefined): Promise<string | null> {
    const records = this.records();
    if (!records || subject === undefined) {
      return null;
    }
    const tokens = await records.read(subject);
    if (!tokens) {
      return null;
    }
    if (lasts(tokens, RENEW_AHEAD)) {
      return tokens.accessToken;
    }
    const pending = this.#renewals.get(subject);
    if (pending) {
      return pending;
    }
    const renewal = this.renew(records, subject).finally(() => {
      this.#renewals.delete(subject);
    });
    this.#renewals.set(subject, renewal);
    return renewal;
  }

  override async has(subject: string): Promise<boolean> {
    return (await this.records()?.read(subject)) !== undefined;
  }

  override async put(subject: string, tokens: UpstreamTokenSet): Promise<void> {
    await this.records()?.write(subject, tokens);
  }

  override async delete(subject: string): Promise<void> {
    await this.records()?.delete(subject);
  }

  private async renew(
    records: TokenRecords,
    subject: string,
  ): Promise<string | null> {
    // Read anew: they may have been renewed since they were read.
    const tokens = await records.read(subject);
    if (!tokens || lasts(tokens, RENEW_AHEAD)) {
      return tokens?.accessToken ?? null;
    }
    if (tokens.refreshToken === undefined) {
      return lasts(tokens) ? tokens.accessToken : null;
    }
    try {
      const renewed = await this.#source()!.provider.refresh(tokens, subject);
      if (await records.areCurrent(subject, tokens)) {
        await records.write(subject, renewed);
        return renewed.accessToken;
      }
      return await this.inResource(records, subject);
    } catch (error) {
      return this.unrenewed(records, subject, tokens, error);
    }
  }

  /** What holds after a refresh failed. */
  private async unrenewed(
    records: TokenRecords,
    subject: string,
    tokens: UpstreamTokenSet,
    error: unknown,
  ): Promise<string | null> {
    if (!(await records.areCurrent(subject, tokens))) {
      // Another instance was faster, or the person has logged in again.
      return this.inResource(records, subject);
    }
    if (error instanceof UpstreamRefusedError) {
      await records.refuse(subject, tokens);
      return null;
    }
    if (lasts(tokens)) {
      return tokens.accessToken;
    }
    throw error;
  }

  /** What others have put in place of tokens that were to be renewed. */
  private async inResource(
    records: TokenRecords,
    subject: string,
  ): Promise<string | null> {
    const tokens = await records.read(subject);
    return tokens && lasts(tokens) ? tokens.accessToken : null;
  }

  private records(): TokenRecords | undefined {
    const source = this.#source();
    return source && new TokenRecords(source);
  }
}

/** Whether an access token holds for these milliseconds yet; one of unknown end does. */
function lasts({ expiresAt }: UpstreamTokenSet, milliseconds = 0): boolean {
  return (
    expiresAt === undefined || expiresAt * 1000 > Date.now() + milliseconds
  );
}
