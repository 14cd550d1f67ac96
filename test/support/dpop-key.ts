import { createHash, randomUUID } from 'node:crypto';
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  SignJWT,
  type JWK,
} from 'jose';

type SignWith = Parameters<SignJWT['sign']>[0];
type Members = Readonly<Record<string, unknown>>;

/** What `ath` of a proof for a token is (RFC 9449, section 4.2). */
export const tokenHash = (token: string): string =>
  createHash('sha256').update(token).digest('base64url');

/** The key of a client, and the proofs that it makes with it. */
export class DpopKey {
  private constructor(
    readonly alg: string,
    readonly privateKey: SignWith,
    readonly jwk: JWK,
    readonly privateJwk: JWK,
    /** What `cnf.jkt` of its tokens is. */
    readonly jkt: string,
  ) {}

  static async create(alg = 'ES256'): Promise<DpopKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg, {
      extractable: true,
    });
    const jwk = await exportJWK(publicKey);
    return new DpopKey(
      alg,
      privateKey,
      jwk,
      await exportJWK(privateKey),
      await calculateJwkThumbprint(jwk),
    );
  }

  /** A proof made now, for a POST unless the claims say otherwise; undefined leaves a claim out. */
  prove(
    claims: Members,
    header: Members = {},
    signWith = this.privateKey,
  ): Promise<string> {
    return new SignJWT({
      htm: 'POST',
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1000),
      ...claims,
    })
      .setProtectedHeader({
        alg: this.alg,
        typ: 'dpop+jwt',
        jwk: this.jwk,
        ...header,
      })
      .sign(signWith);
  }
}
