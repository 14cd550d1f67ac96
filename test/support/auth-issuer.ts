import type { JWTHeaderParameters } from 'jose';
import type { JwtVerifierOptions } from '../../lib/auth/verifiers/jwt/jwt-options.interface.js';
import { createSigningKey, type SigningKey } from './signing-key.js';

/** Public name of the server in tests. */
export const RESOURCE = 'https://api.example.com/mcp';

/** A real issuer of JWTs, without a network. */
export interface TestIssuer {
  readonly issuer: string;
  readonly key: SigningKey;
  /** What a server writes into `auth.verifier` to trust it. */
  readonly verifier: JwtVerifierOptions;
  /** Claims of a good token, with these changed; `undefined` leaves one out. */
  claims(changes?: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** A signed token. */
  token(
    changes?: Readonly<Record<string, unknown>>,
    header?: Partial<JWTHeaderParameters>,
  ): Promise<string>;
  /** The `Authorization` header with a signed token. */
  bearer(
    changes?: Readonly<Record<string, unknown>>,
  ): Promise<{ authorization: string }>;
}

export const now = (): number => Math.floor(Date.now() / 1000);

export async function createIssuer(
  issuer = 'https://login.example.com',
  resource = RESOURCE,
): Promise<TestIssuer> {
  const key = await createSigningKey('ES256', `key of ${issuer}`);
  const claims: TestIssuer['claims'] = (changes) => ({
    iss: issuer,
    aud: resource,
    sub: 'ada',
    client_id: 'editor',
    exp: now() + 300,
    ...changes,
  });
  const token: TestIssuer['token'] = (changes, header) =>
    key.sign(claims(changes), header);
  return {
    issuer,
    key,
    verifier: { publicKey: key.jwk, issuer },
    claims,
    token,
    bearer: async (changes) => ({
      authorization: `Bearer ${await token(changes)}`,
    }),
  };
}
