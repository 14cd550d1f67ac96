import {
  type JsonWebKey,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { Logger } from '@nestjs/common';
import { loadJose } from '../platform/optional-packages.js';
import type { SigningKeyInput } from '../auth/issuer/authorization-server-options.interface.js';

/** Secrets of a server: the first is used, all are accepted. */
export class ServerSecrets {
  readonly all: readonly [string, ...string[]];

  /** @throws Error in production where none is configured */
  constructor(configured: readonly string[] | undefined) {
    const [first, ...others] = configured ?? [];
    this.all = [first ?? randomSecret(), ...others];
  }

  /** A value that nobody else can make of this text, for one purpose. */
  sign(purpose: string, text: string): string {
    return mac(this.all[0], purpose, text);
  }

  /** Whether the value was made of this text by {@link sign}, in constant time. */
  verify(purpose: string, text: string, value: unknown): boolean {
    const given = Buffer.from(typeof value === 'string' ? value : '');
    return this.all.some((secret) => {
      const expected = Buffer.from(mac(secret, purpose, text));
      return (
        given.length === expected.length && timingSafeEqual(given, expected)
      );
    });
  }
}

function mac(secret: string, purpose: string, text: string): string {
  return createHmac('sha256', secret)
    .update(`${purpose}\0${text}`)
    .digest('base64url');
}

function randomSecret(): string {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'secrets is missing, which the authorization server needs in production. ' +
        'Set it on the module to one or more secrets of 32 characters that are ' +
        'the same for every instance, such as by `openssl rand -hex 32`: ' +
        'McpModule.forRoot({ secrets }).',
    );
  }
  new Logger('McpAuthorizationServer').warn(
    'Cookies are signed by a random secret: a restart ends every login. Set ' +
      'secrets of the module: McpModule.forRoot({ secrets }).',
  );
  return randomBytes(32).toString('hex');
}

/** A private key ready to sign, with its `kid` and `alg`. */
export type SigningKey = JsonWebKey & {
  readonly kid: string;
  readonly alg: string;
};

/** Algorithms by what a key is, strongest common first. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
};

/**
 * The keys of a server: the first signs, the others are published so that what
 * they signed is still accepted.
 *
 * @throws Error in production where none is configured, or where one cannot sign
 */
export async function signingKeys(
  inputs: readonly SigningKeyInput[] | undefined,
): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const [first, ...others] = inputs ?? [];
  if (first === undefined) {
    return [await randomKey()];
  }
  const keys = [
    await read(first, 0),
    ...(await Promise.all(others.map((key, index) => read(key, index + 1)))),
  ] as const;
  const ids = keys.map(({ kid }) => kid);
  const twice = ids.find((kid, index) => ids.indexOf(kid) !== index);
  if (twice !== undefined) {
    throw new Error(
      `authorizationServer.signingKeys: two keys have the kid "${twice}", so ` +
        'nobody could tell which one signed. Give each key a kid of its own, ' +
        'or leave it out.',
    );
  }
  return [keys[0], ...keys.slice(1)];
}

async function randomKey(): Promise<SigningKey> {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      'authorizationServer.signingKeys is missing. In production, set it to a ' +
        'private key (a JWK, or PKCS #8 in PEM) that is the same for every ' +
        'instance and after every restart.',
    );
  }
  new Logger('McpAuthorizationServer').warn(
    'Tokens are signed by a random key: a restart makes them invalid. Set ' +
      'authorizationServer.signingKeys.',
  );
  const { generateKeyPair, exportJWK } = await loadJose();
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return complete(await exportJWK(privateKey));
}

async function read(
  input: SigningKeyInput,
  index: number,
): Promise<SigningKey> {
  try {
    return await complete(
      typeof input === 'string' ? await fromPem(input) : input,
    );
  } catch (cause) {
    throw new Error(
      `authorizationServer.signingKeys[${index}] is no private key that can ` +
        'sign (RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519). Give ' +
        'a JWK, or PKCS #8 in PEM.',
      { cause },
    );
  }
}

async function fromPem(pem: string): Promise<JsonWebKey> {
  const { createPrivateKey } = await import('node:crypto');
  return createPrivateKey(pem).export({ format: 'jwk' });
}

async function complete(jwk: object): Promise<SigningKey> {
  const { calculateJwkThumbprint } = await loadJose();
  const key = { ...jwk } as JsonWebKey & { kid?: string; alg?: string };
  const alg =
    key.alg ?? (key.kty === 'RSA' ? 'RS256' : ALGORITHMS[key.crv ?? '']);
  if (alg === undefined || key.d === undefined || key.kty === 'oct') {
    throw new Error('not a private key of a known kind');
  }
  const bits = Buffer.from(key.n ?? '', 'base64url').length * 8;
  if (key.kty === 'RSA' && bits < 2048) {
    throw new Error('RSA key too short');
  }
  const kid = key.kid ?? (await calculateJwkThumbprint(key as never));
  const complete = { ...key, alg, kid, use: 'sig' };
  await prove(complete);
  return complete;
}

/** A key that cannot sign, or whose halves belong to two keys, would only show at the first login. */
async function prove(key: SigningKey): Promise<void> {
  const { CompactSign, compactVerify, importJWK } = await loadJose();
  const signed = await new CompactSign(new Uint8Array([1]))
    .setProtectedHeader({ alg: key.alg })
    .sign(await importJWK(key as never, key.alg));
  await compactVerify(
    signed,
    await importJWK(publicHalf(key) as never, key.alg),
  );
}

/** What of the keys may be known. */
export function publicHalf({ kty, crv, x, y, n, e, kid, alg }: SigningKey) {
  return { kty, crv, x, y, n, e, kid, alg, use: 'sig' };
}
