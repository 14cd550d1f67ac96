import {
  createPublicKey,
  KeyObject,
  type JsonWebKey,
  type JsonWebKeyInput,
} from 'node:crypto';
import type { KeyKind } from './algorithms.js';

/** A public key as PEM (SPKI, PKCS #1 or a certificate) or as a JWK. @publicApi */
export type PublicKeyInput = string | JsonWebKey;

/** A public key and what it is. */
export interface ParsedPublicKey {
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
