import {
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  randomUUID,
} from 'node:crypto';
import { loadJose } from '../platform/optional-packages.js';
import type { JwtVerifierOptions } from '../auth/verifiers/jwt/jwt-options.interface.js';
import { checkOptions, type OptionKeys } from '../options/option-keys.js';

const ALGORITHM = 'ES256';
const KEY_ID = 'test-key';

/** Whose tokens are made, and for whom. @publicApi */
export interface TestTokensOptions {
  /** Value of `iss`. @default 'https://issuer.test' */
  readonly issuer?: string;
  /**
   * The server that tokens are for, as in `auth.resource`.
   * @default 'http://localhost/mcp', which is what a server at `/mcp` without
   * `auth.resource` calls itself in a test
   */
  readonly resource?: string;
}

const TEST_TOKENS_KEYS: OptionKeys<TestTokensOptions> = {
  issuer: true,
  resource: true,
};

/** What a token says; every other claim goes into it as it is. @publicApi */
export interface TestTokenClaims {
  /** Whom it speaks for. @default 'test-user' */
  readonly subject?: string;
  /** @default none */
  readonly scopes?: readonly string[];
  /** Servers it is for. @default `resource` of the options */
  readonly audience?: string | readonly string[];
  /** @default 'test-client' */
  readonly clientId?: string;
  /** Seconds until it expires, from now on; it has expired where negative. @default 300 */
  readonly expiresIn?: number;
  readonly [claim: string]: unknown;
}

/** An issuer of tokens in a test, with keys of its own. @publicApi */
export interface TestTokens {
  readonly issuer: string;
  readonly resource: string;
  /** The public key, as the issuer would publish it. */
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
  /** For `auth.verifier`: takes these tokens and no others, and asks no network. */
  readonly verifier: JwtVerifierOptions;
  /** A good token. */
  sign(claims?: TestTokenClaims): Promise<string>;
  /** One that expired an hour ago. */
  expired(claims?: TestTokenClaims): Promise<string>;
  /** One with the right claims and key name, signed by somebody else's key. */
  signedByStranger(claims?: TestTokenClaims): Promise<string>;
  /** A good one, for another server. */
  forAnotherServer(claims?: TestTokenClaims): Promise<string>;
}

/**
 * Makes tokens for tests of an application's own scopes:
 *
 * ```ts
 * const tokens = createTestTokens();
 * // McpModule.forRoot({ auth: { verifier: tokens.verifier } })
 * const mcp = await createMcpClient(app, {
 *   token: await tokens.sign({ scopes: ['cats:read'] }),
 * });
 * ```
 *
 * @publicApi
 */
export function createTestTokens(options: TestTokensOptions = {}): TestTokens {
  checkOptions('createTestTokens(…)', options, TEST_TOKENS_KEYS);
  const { issuer = 'https://issuer.test', resource = 'http://localhost/mcp' } =
    options;
  const own = generateKey();
  const jwk: JsonWebKey = {
    ...own.publicKey.export({ format: 'jwk' }),
    kid: KEY_ID,
    alg: ALGORITHM,
    use: 'sig',
  };
  const make = (
    key: KeyObject,
    {
      subject = 'test-user',
      scopes = [],
      audience = resource,
      clientId = 'test-client',
      expiresIn = 300,
      ...claims
    }: TestTokenClaims = {},
  ): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    return signJwt(key, {
      iss: issuer,
      sub: subject,
      aud: audience,
      client_id: clientId,
      scope: scopes.join(' '),
      iat: Math.min(now, now + expiresIn),
      exp: now + expiresIn,
      jti: randomUUID(),
      ...claims,
    });
  };
  return {
    issuer,
    resource,
    jwks: { keys: [jwk] },
    verifier: { publicKey: jwk, issuer, algorithms: [ALGORITHM] },
    sign: (claims) => make(own.privateKey, claims),
    expired: (claims) => make(own.privateKey, { ...claims, expiresIn: -3600 }),
    signedByStranger: (claims) => make(generateKey().privateKey, claims),
    forAnotherServer: (claims) =>
      make(own.privateKey, { ...claims, audience: 'https://another.test/mcp' }),
  };
}

function generateKey(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

async function signJwt(
  key: KeyObject,
  claims: Record<string, unknown>,
): Promise<string> {
  const { SignJWT } = await loadJose();
  return new SignJWT(claims)
    .setProtectedHeader({ alg: ALGORITHM, kid: KEY_ID, typ: 'JWT' })
    .sign(key);
}
