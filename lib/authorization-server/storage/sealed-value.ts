import { createHash } from 'node:crypto';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { Sealer } from '../../secrets/sealer.js';

/** Under which key a part of a record is kept: the store never sees an id. */
export function recordKey(kind: string, part: string, id: string): string {
  return `${kind}:${part}:${digest(id)}`;
}

/** Under which key the store holds that a grant was revoked. */
export function revocationKey(grantId: string): string {
  return `revoked:${digest(grantId)}`;
}

/** Seconds for which a revoked grant, or a removed client, is remembered: as long as any token of it may live. */
export const REVOCATION_LIFETIME = 400 * 24 * 60 * 60;

/** Makes void what a client has been issued so far. */
export function noteRemoval(
  store: OAuthStore,
  clientId: string,
): Promise<void> {
  return store.set(
    removalKey(clientId),
    Math.floor(Date.now() / 1000),
    REVOCATION_LIFETIME,
    'revocation',
  );
}

/**
 * Whether a client was removed after it was issued something: one that has
 * registered again since begins anew.
 *
 * @param issuedAt seconds since the epoch
 */
export async function isOfRemovedClient(
  store: OAuthStore,
  clientId: string,
  issuedAt: number,
): Promise<boolean> {
  const removedAt = await store.get(removalKey(clientId));
  return typeof removedAt === 'number' && issuedAt <= removedAt;
}

function removalKey(clientId: string): string {
  return `removed-client:${digest(clientId)}`;
}

/** Under which key the store holds that a client is to ask for more scopes. */
export function stepUpKey(grantId: string): string {
  return `step-up:${digest(grantId)}`;
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

const PURPOSE = 'record';

/**
 * Encrypts a value with a key made from a secret that is kept nowhere: whoever
 * reads the storage learns nothing from it, whoever brings the secret does.
 */
export function seal(secret: string, value: unknown): Promise<string> {
  return new Sealer([secret], PURPOSE).seal('', value);
}

/** @returns undefined for what was not sealed with this secret, or was changed */
export function unseal(secret: string, sealed: unknown): Promise<unknown> {
  return new Sealer([secret], PURPOSE).open('', sealed);
}
