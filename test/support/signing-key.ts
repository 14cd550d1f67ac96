import { createHmac } from 'node:crypto';
import {
  CompactSign,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type JWK,
  type JWTHeaderParameters,
} from 'jose';

/** A real key pair that signs tokens. */
export interface SigningKey {
  /** Public half, with `kid` and `alg`. */
  readonly jwk: JWK;
  readonly pem: string;
  sign(
    claims: Record<string, unknown>,
    header?: Partial<JWTHeaderParameters>,
  ): Promise<string>;
  /** Signs any payload at all. */
  signText(payload: string): Promise<string>;
}

export async function createSigningKey(
  alg = 'ES256',
  kid = 'key-1',
  modulusLength?: number,
): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, {
    extractable: true,
    modulusLength,
  });
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg },
    pem: await exportSPKI(publicKey),
    sign: (claims, header) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg, kid, ...header })
        .sign(privateKey),
    signText: (payload) =>
      new CompactSign(new TextEncoder().encode(payload))
        .setProtectedHeader({ alg, kid })
        .sign(privateKey),
  };
}

/** Signs with a shared secret. */
export function signWithSecret(
  secret: string,
  claims: Record<string, unknown>,
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(new TextEncoder().encode(secret));
}

/** A JWT with this header and payload and whatever signature. */
export function unsignedToken(
  header: unknown,
  claims: unknown,
  signature = '',
): string {
  const part = (value: unknown) =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

/** A JWT with any header at all, and the right HS256 signature. */
export function hmacToken(
  secret: string,
  header: unknown,
  claims: unknown,
): string {
  const unsigned = unsignedToken(header, claims).slice(0, -1);
  const signature = createHmac('sha256', secret).update(unsigned);
  return `${unsigned}.${signature.digest('base64url')}`;
}
