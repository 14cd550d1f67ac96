import { AccessToken } from '../access-token.js';
import type { TokenClaims } from '../claims.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { JwtTokenVerifier } from '../verifiers/jwt/jwt-token.verifier.js';
import {
  TokenVerifier,
  type AudienceBinding,
  type VerifyContext,
} from '../verifiers/token-verifier.js';
import { publicHalf, type SigningKey } from './keys/signing-keys.js';
import type { OAuthStore } from './storage/oauth.store.js';
import { revocationKey } from './storage/provider.adapter.js';

/** Claim with the grant that a token belongs to: it dies with its grant. */
export const GRANT_CLAIM = 'grant_id';

/**
 * Checks the tokens of the authorization server in the same process, without a
 * request to it. A token whose grant was revoked is refused at once.
 *
 * @publicApi
 */
export class LocalTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding = 'claim';
  override issuers: readonly string[] = [];
  readonly #store: () => OAuthStore | undefined;
  #byKey: ReadonlyMap<string, JwtTokenVerifier> = new Map();

  /** @param store where it is noted which grants were revoked */
  constructor(store: () => OAuthStore | undefined) {
    super();
    this.#store = store;
  }

  /** Takes the keys whose tokens are accepted. */
  async use(issuer: string, keys: readonly SigningKey[]): Promise<void> {
    this.issuers = [issuer];
    this.#byKey = new Map(
      keys.map((key) => [
        key.kid,
        new JwtTokenVerifier({
          issuer,
          publicKey: publicHalf(key),
          algorithms: [key.alg as 'ES256'],
          typ: 'at+jwt',
        }),
      ]),
    );
    await Promise.all(
      [...this.#byKey.values()].map((verifier) => verifier.prepare()),
    );
  }

  /** @throws InvalidTokenError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | TokenClaims | null> {
    const verifier = this.#byKey.get(keyIdOf(token));
    if (!verifier) {
      throw new InvalidTokenError('signature');
    }
    const verified = await verifier.verify(token, context);
    const grantId = verified.claims[GRANT_CLAIM];
    if (
      typeof grantId === 'string' &&
      (await this.#store()?.get(revocationKey(grantId))) !== undefined
    ) {
      throw new InvalidTokenError('claims');
    }
    return verified;
  }
}

function keyIdOf(token: string): string {
  try {
    const [header = ''] = token.split('.', 1);
    const { kid } = JSON.parse(
      Buffer.from(header, 'base64url').toString('utf8'),
    ) as { kid?: unknown };
    return String(kid);
  } catch {
    throw new InvalidTokenError('malformed');
  }
}
