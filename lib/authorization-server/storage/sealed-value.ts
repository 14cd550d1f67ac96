import {
  createCipheriv,
  createDecipheriv,
  createHash,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/** Under which key a part of a record is kept: the store never sees an id. */
export function recordKey(kind: string, part: string, id: string): string {
  return `${kind}:${part}:${digest(id)}`;
}

/** Under which key the store holds that a grant was revoked. */
export function revocationKey(grantId: string): string {
  return `revoked:${digest(grantId)}`;
}

function digest(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a value with a key made from a secret that is kept nowhere: whoever
 * reads the storage learns nothing from it, whoever brings the secret does.
 */
export function seal(secret: string, value: unknown): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(secret), nonce);
  const sealed = [cipher.update(JSON.stringify(value), 'utf8'), cipher.final()];
  return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString(
    'base64url',
  );
}

/** @returns undefined for what was not sealed with this secret, or was changed */
export function unseal(secret: string, sealed: unknown): unknown {
  if (typeof sealed !== 'string') {
    return undefined;
  }
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv(
      CIPHER,
      keyOf(secret),
      bytes.subarray(0, NONCE_BYTES),
      { authTagLength: TAG_BYTES },
    );
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return JSON.parse(
      Buffer.concat([decipher.update(text), decipher.final()]).toString(),
    ) as unknown;
  } catch {
    return undefined;
  }
}

/** Not the hash that the value is kept under. */
function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'sealed record', 32));
}
