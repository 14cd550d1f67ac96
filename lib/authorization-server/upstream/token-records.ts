import { createHash } from 'node:crypto';
import { upstreamKey, type UpstreamSource } from './upstream.provider.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';

/** Seconds for which a refusal is remembered, in place of the tokens. */
const REFUSAL_LIFETIME = 60;

type TokenRecord =
  { readonly tokens: UpstreamTokenSet } | { readonly refused: string };

/** Tokens of people in the store, sealed. */
export class TokenRecords {
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
