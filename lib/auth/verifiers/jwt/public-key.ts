import {
  createPublicKey,
  type JsonWebKey,
  type JsonWebKeyInput,
  KeyObject,
} from 'node:crypto';
import type { JwtAlgorithm, KeyKind } from './algorithms.js';

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

/** A public key as PEM (SPKI, PKCS #1 or a certificate) or as a JWK. @publicApi */
export type PublicKeyInput = string | JsonWebKey;

/** A public key and what it is. */
interface ParsedPublicKey {
  readonly key: KeyObject;
  readonly kind: Extract<KeyKind, 'RSA' | 'EC' | 'OKP'>;
}

const KINDS: Readonly<Record<string, ParsedPublicKey['kind']>> = {
  rsa: 'RSA',
  ec: 'EC',
  ed25519: 'OKP',
};

/**
 * Reads the `publicKey` option.
 *
 * @throws Error where it is no public key, a private one, an RSA key under 2048
 *   bits (RFC 7518 section 3.3), or of a type that signs no JWT
 */
export function parsePublicKey(
  owner: string,
  input: PublicKeyInput,
): ParsedPublicKey {
  if (isPrivate(input)) {
    throw new Error(
      `${owner}: publicKey holds a private or secret key. Pass the public ` +
        'half alone: a server that checks tokens must not be able to sign them.',
    );
  }
  const key = readKey(owner, input);
  const kind = KINDS[key.asymmetricKeyType ?? ''];
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (!kind || (bits !== undefined && bits < 2048)) {
    throw new Error(
      `${owner}: publicKey is of type ${key.asymmetricKeyType}` +
        `${bits === undefined ? '' : ` with ${bits} bits`}. Use RSA of 2048 ` +
        'bits or more, EC or Ed25519.',
    );
  }
  return { key, kind };
}

function isPrivate(input: PublicKeyInput): boolean {
  return typeof input === 'string'
    ? /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(input)
    : 'd' in input || 'k' in input;
}

function readKey(owner: string, input: PublicKeyInput): KeyObject {
  try {
    const jwk: JsonWebKeyInput | undefined =
      typeof input === 'string' ? undefined : { key: input, format: 'jwk' };
    return createPublicKey(jwk ?? (input as string));
  } catch (cause) {
    throw new Error(
      `${owner}: publicKey cannot be read. Pass PEM, beginning with ` +
        '"-----BEGIN PUBLIC KEY-----", or a JWK.',
      { cause },
    );
  }
}
