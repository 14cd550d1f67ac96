import type { JwtAlgorithm } from './algorithms.js';

/** Looks of public keys in text form: PEM, OpenSSH, JWK. */
const PUBLIC_KEY = /-----BEGIN |^\s*(ssh-|ecdsa-sha2-)|"kty"\s*:/;

/** Bytes a secret must have, one per byte of the hash (RFC 7518 section 3.2). */
const MIN_BYTES: Readonly<Record<string, number>> = {
  HS256: 32,
  HS384: 48,
  HS512: 64,
};

/**
 * Makes the key of an HMAC from the `secret` option.
 *
 * A public key used as a secret is the classic way to forge tokens: everybody
 * has it (RFC 8725 section 2.1).
 *
 * @throws Error where the secret is a public key, or too short; the message
 *   never holds it
 */
export function hmacSecret(
  owner: string,
  secret: string | Uint8Array,
  algorithms: readonly JwtAlgorithm[],
): Uint8Array {
  const bytes = Buffer.from(secret);
  if (PUBLIC_KEY.test(bytes.toString('latin1'))) {
    throw new Error(
      `${owner}: secret holds a key in PEM, OpenSSH or JWK form. A public key ` +
        'is known to everybody and must not check an HMAC: pass it as ' +
        'publicKey, and never share a private one.',
    );
  }
  for (const algorithm of algorithms) {
    const least = MIN_BYTES[algorithm] ?? Infinity;
    if (bytes.length < least) {
      throw new Error(
        `${owner}: secret has ${bytes.length} bytes, and ${algorithm} needs ` +
          `at least ${least}. Make one with \`openssl rand -base64 ${least}\`.`,
      );
    }
  }
  return new Uint8Array(bytes);
}
