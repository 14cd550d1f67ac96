import { createHash } from 'node:crypto';
import { Sealer } from '../../secrets/sealer.js';

/** Under which key a part of a record is kept: the store never sees an id. */
export function recordKey(kind: string, part: string, id: string): string {
  return `${kind}:${part}:${digest(id)}`;
}

/** Under which key the store holds that a grant was revoked. */
export function revocationKey(grantId: string): string {
  return `revoked:${digest(grantId)}`;
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
