import type { AccessToken } from '../auth/token/access-token.js';
import type { TokenClaims } from '../auth/token/claims.js';
import { InvalidTokenError } from '../auth/token/token.errors.js';
import { VerifierUnavailableError } from '../auth/token/token.errors.js';
import { JwtTokenVerifier } from '../auth/verifiers/jwt/jwt-token.verifier.js';
import {
  TokenVerifier,
  type AudienceBinding,
  type VerifyContext,
} from '../auth/verifiers/token-verifier.js';
import { publicHalf, type SigningKey } from './server-keys.js';
import type { OAuthStore } from '../auth/issuer/oauth.store.js';
import { isOfRemovedClient, revocationKey } from './storage/sealed-value.js';

/** Claim with the grant that a token belongs to: it dies with its grant. */
export const GRANT_CLAIM = 'grant_id';

/**
 * Checks the tokens of the authorization server in the same process, without a
 * request to it. A token whose grant was revoked, or whose client was removed, is refused at
 * once.
 *
 * @publicApi
 */
export class OwnTokenVerifier extends TokenVerifier {
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

  /** @throws InvalidTokenError, VerifierUnavailableError while the storage is down */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken> {
    const verifier = this.#byKey.get(keyIdOf(token));
    if (!verifier) {
      throw new InvalidTokenError('signature');
    }
    const verified = await verifier.verify(token, context);
    if (await this.isRevoked(verified.claims)) {
      throw new InvalidTokenError('claims');
    }
    return verified;
  }

  private async isRevoked(claims: TokenClaims): Promise<boolean> {
    const store = this.#store();
    const id = revocationIdOf(claims);
    const { client_id: clientId, iat } = claims;
    try {
      const [revoked, isRemoved] = await Promise.all([
        id === undefined ? undefined : store?.get(revocationKey(id)),
        store !== undefined &&
          typeof clientId === 'string' &&
          isOfRemovedClient(store, clientId, Number(iat)),
      ]);
      return revoked !== undefined || isRemoved;
    } catch (cause) {
      throw new VerifierUnavailableError('The storage cannot be reached', {
        cause,
      });
    }
  }
}

/** Under which id a token is revoked: that of its grant, or its own where no person granted it. */
export function revocationIdOf(claims: TokenClaims): string | undefined {
  const id = claims[GRANT_CLAIM] ?? claims['jti'];
  return typeof id === 'string' ? id : undefined;
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
