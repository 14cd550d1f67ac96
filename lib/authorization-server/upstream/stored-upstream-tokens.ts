import {
  UpstreamTokens,
  type UpstreamTokenSet,
} from '../../auth/issuer/upstream-tokens.js';
import {
  type UpstreamSource,
  UpstreamRefusedError,
  upstreamKey,
} from './upstream.provider.js';
import { createHash } from 'node:crypto';

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

/** Seconds for which a refusal is remembered, in place of the tokens. */
const REFUSAL_LIFETIME = 60;

type TokenRecord =
  { readonly tokens: UpstreamTokenSet } | { readonly refused: string };

/** Tokens of people in the store, sealed. */
class TokenRecords {
  constructor(private readonly source: UpstreamSource) {}

  /** @returns undefined where there are none, or those that there were have been refused */
  async read(subject: string): Promise<UpstreamTokenSet | undefined> {
    const record = await this.find(subject);
    return record && 'tokens' in record ? record.tokens : undefined;
  }

  async write(subject: string, tokens: UpstreamTokenSet): Promise<void> {
    const { tokenLifetime } = this.source;
    const { refreshToken, expiresAt = Infinity } = tokens;
    const lifetime =
      refreshToken === undefined
        ? Math.min(tokenLifetime, expiresAt - now())
        : tokenLifetime;
    await this.keep(subject, { tokens }, Math.max(lifetime, 1));
  }

  /**
   * Puts a note in place of tokens, so that another instance whose refresh of
   * the very same tokens came first still finds that they are its own to replace.
   */
  async refuse(subject: string, tokens: UpstreamTokenSet): Promise<void> {
    const refused = fingerprint(tokens);
    await this.keep(subject, { refused }, REFUSAL_LIFETIME);
  }

  /** Whether nobody has put others in place of these, or removed them. */
  async areCurrent(
    subject: string,
    tokens: UpstreamTokenSet,
  ): Promise<boolean> {
    const record = await this.find(subject);
    if (!record) {
      return false;
    }
    const found =
      'tokens' in record ? fingerprint(record.tokens) : record.refused;
    return found === fingerprint(tokens);
  }

  async delete(subject: string): Promise<void> {
    await this.source.store.delete(this.key(subject));
  }

  private async find(subject: string): Promise<TokenRecord | undefined> {
    const { store, sealer } = this.source;
    const key = this.key(subject);
    // Sealed, so that nobody else can have written it.
    return (await sealer.open(key, await store.get(key))) as
      TokenRecord | undefined;
  }

  private async keep(
    subject: string,
    record: TokenRecord,
    lifetime: number,
  ): Promise<void> {
    const { store, sealer } = this.source;
    const key = this.key(subject);
    await store.set(key, await sealer.seal(key, record), lifetime);
  }

  private key(subject: string): string {
    return upstreamKey(this.source, 'tokens', subject);
  }
}

function fingerprint({ accessToken, refreshToken }: UpstreamTokenSet): string {
  return createHash('sha256')
    .update(JSON.stringify([accessToken, refreshToken]))
    .digest('base64url');
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
