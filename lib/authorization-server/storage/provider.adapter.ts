import type { Adapter, AdapterPayload } from 'oidc-provider';
import { loadOidcProvider } from '../../platform/optional-packages.js';
import type { OAuthStore, StoredRank } from '../../auth/issuer/oauth.store.js';
import {
  isOfRemovedClient,
  recordKey,
  REVOCATION_LIFETIME,
  revocationKey,
  seal,
  unseal,
} from './sealed-value.js';

/** What is used once; presenting it again means that somebody copied it. */
const SINGLE_USE = new Set([
  'AuthorizationCode',
  'RefreshToken',
  'PushedAuthorizationRequest',
]);

/** How a record is kept. */
export interface Retention {
  /** Seconds; for ever where it is undefined. */
  readonly lifetime: number | undefined;
  readonly rank: StoredRank;
}

/** How to keep a record, which the provider would keep for `expiresIn` seconds. */
type RetentionOf = (
  kind: string,
  payload: AdapterPayload,
  expiresIn: number,
) => Promise<Retention>;

/** How refresh tokens are used up, which is for the one who knows their answers. */
interface Rotation {
  open(
    id: string,
    payload: AdapterPayload,
    lifetime: number | undefined,
  ): Promise<void>;
  remove(id: string): Promise<void>;
  present(payload: AdapterPayload): AdapterPayload;
  consume(id: string): Promise<'first' | 'repeated' | 'reused'>;
}

/** Records that anybody can cause without having logged in. */
const ANONYMOUS = new Set(['Interaction', 'ReplayDetection']);

/** Keeps a record as long as the provider would. */
export function defaultRetention(
  kind: string,
  { accountId }: AdapterPayload,
  lifetime: number,
): Promise<Retention> {
  const isAnonymous =
    ANONYMOUS.has(kind) || (kind === 'Session' && accountId === undefined);
  return Promise.resolve({
    lifetime,
    rank: isAnonymous ? 'pending' : 'issued',
  });
}

/**
 * Keeps one kind of `oidc-provider`'s records in an {@link OAuthStore}. Ids of
 * most kinds are secrets in the hands of clients and browsers, and records name
 * each other, so hashes of ids are written, and records encrypted with their id.
 */
export class ProviderAdapter implements Adapter {
  constructor(
    private readonly kind: string,
    private readonly store: OAuthStore,
    private readonly retentionOf: RetentionOf = defaultRetention,
    /** For refresh tokens; without it they are used once, like codes. */
    private readonly rotation?: Rotation,
  ) {}

  async upsert(
    id: string,
    payload: AdapterPayload,
    expiresIn: number,
  ): Promise<void> {
    const { lifetime, rank } = await this.retentionOf(
      this.kind,
      payload,
      expiresIn,
    );
    if (this.rotation) {
      return this.rotation.open(id, payload, lifetime);
    }
    if (SINGLE_USE.has(this.kind)) {
      await this.store.set(this.key('ticket', id), true, lifetime, rank);
    }
    if (payload.uid !== undefined && this.kind === 'Session') {
      const sealed = await seal(payload.uid, id);
      await this.store.set(
        this.key('uid', payload.uid),
        sealed,
        lifetime,
        rank,
      );
    }
    await this.store.set(
      this.key('record', id),
      await seal(id, payload),
      lifetime,
      rank,
    );
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const payload = await this.read(id);
    // A revoked grant must not be built on either: what is issued for it is void.
    const grantId = this.kind === 'Grant' ? id : payload?.grantId;
    return payload && !(await this.isRevoked(grantId, payload))
      ? (this.rotation?.present(payload) ?? payload)
      : undefined;
  }

  async findByUid(uid: string): Promise<AdapterPayload | undefined> {
    const id = await unseal(uid, await this.store.get(this.key('uid', uid)));
    return typeof id === 'string' ? this.find(id) : undefined;
  }

  /** Device codes are not offered. */
  findByUserCode(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Marks a code, a refresh token or a pushed request as used. Of several at once exactly one
   * comes through; the others mean that it was copied, so its family goes.
   *
   * @throws InvalidGrant for all but the first
   */
  async consume(id: string): Promise<void> {
    if (this.rotation) {
      return this.consumeBy(this.rotation, id);
    }
    const payload = await this.read(id);
    const isFirst =
      (await this.store.take(this.key('ticket', id))) !== undefined;
    if (!payload || !isFirst) {
      await this.endFamily(payload);
      throw await alreadyUsed();
    }
    const now = Math.floor(Date.now() / 1000);
    await this.store.set(
      this.key('record', id),
      await seal(id, { ...payload, consumed: now }),
      payload.exp === undefined ? undefined : Math.max(payload.exp - now, 1),
    );
  }

  async destroy(id: string): Promise<void> {
    if (this.rotation) {
      return this.rotation.remove(id);
    }
    if (SINGLE_USE.has(this.kind)) {
      await this.store.delete(this.key('ticket', id));
    }
    await this.store.delete(this.key('record', id));
  }

  /** Nothing of the grant has to be found: whatever belongs to it is no longer. */
  async revokeByGrantId(grantId: string): Promise<void> {
    await this.store.set(
      revocationKey(grantId),
      true,
      REVOCATION_LIFETIME,
      'revocation',
    );
  }

  private async consumeBy(rotation: Rotation, id: string): Promise<void> {
    const outcome = await rotation.consume(id);
    if (outcome === 'reused') {
      await this.endFamily(await this.read(id));
    }
    if (outcome !== 'first') {
      throw await alreadyUsed();
    }
  }

  private async endFamily(payload: AdapterPayload | undefined): Promise<void> {
    if (payload?.grantId !== undefined) {
      await this.revokeByGrantId(payload.grantId);
    }
  }

  private async read(id: string): Promise<AdapterPayload | undefined> {
    const sealed = await this.store.get(this.key('record', id));
    return (await unseal(id, sealed)) as AdapterPayload | undefined;
  }

  private async isRevoked(
    grantId: string | undefined,
    { clientId, iat = 0 }: AdapterPayload,
  ): Promise<boolean> {
    if (grantId === undefined) {
      return false;
    }
    const [revoked, isRemoved] = await Promise.all([
      this.store.get(revocationKey(grantId)),
      clientId !== undefined && isOfRemovedClient(this.store, clientId, iat),
    ]);
    return revoked !== undefined || isRemoved;
  }

  private key(part: string, id: string): string {
    return recordKey(this.kind, part, id);
  }
}

async function alreadyUsed(): Promise<Error> {
  const { errors } = await loadOidcProvider();
  return new errors.InvalidGrant('already used');
}
