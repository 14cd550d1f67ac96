import { createHash } from 'node:crypto';

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
