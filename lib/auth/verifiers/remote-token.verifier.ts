import { AccessToken } from '../token/access-token.js';
import {
  CLAIM_PATH_KEYS,
  type ClaimPaths,
  type TokenClaims,
} from '../token/claims.js';
import {
  InvalidTokenError,
  VerifierUnavailableError,
} from '../token/token.errors.js';
import {
  guardedFetch,
  isJsonObject,
  parseJson,
} from '../fetch/guarded-fetch.js';
import { GuardedFetchError } from '../fetch/url-trust.js';
import { AudienceRule, type AudienceOption } from './audience-rule.js';
import { checkEndpoint } from './client-authentication.js';
import { normalizeVerified } from './normalize-verified.js';
import {
  TokenVerifier,
  type AudienceBinding,
  type VerifyContext,
} from './token-verifier.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/**
 * Options of `RemoteTokenVerifier`.
 *
 * @publicApi
 */
export interface RemoteVerifierOptions {
  /** URL that tokens are sent to, by POST, as `{ "token": "…" }`. */
  readonly url: string;
  /** Headers sent along, such as a key of the service. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds a request may take. @default 10000 */
  readonly timeout?: number;
  /**
   * What `aud` of the answer must name; `false` where the service accepts only
   * tokens made for this server. Left out, the application does not start.
   */
  readonly audience?: AudienceOption;
  /** Where scopes, subject, client and roles are. */
  readonly claims?: ClaimPaths;
}

const REMOTE_VERIFIER_KEYS: OptionKeys<RemoteVerifierOptions> = {
  url: true,
  headers: true,
  timeout: true,
  audience: true,
  claims: CLAIM_PATH_KEYS,
};

/** Answers that mean "a bad token". */
const REFUSED = [401, 403, 404];

/**
 * Has a service of yours judge each token. It answers 200 with the claims as a
 * JSON object: a subject, a client, scopes or roles, or `active` or `valid` that
 * is `true`. For a bad token it answers `false`, 401, 403 or 404, or an object
 * with an `error`, or with `active` or `valid` that is anything but `true`, or one
 * that tells of none of these. Anything else counts as an outage.
 *
 * @publicApi
 */
export class RemoteTokenVerifier extends TokenVerifier {
  override readonly audienceBinding: AudienceBinding;
  readonly #options: RemoteVerifierOptions;
  readonly #audience: AudienceRule;

  /** @throws Error where `url` is none, or `audience` is empty */
  constructor(options: RemoteVerifierOptions) {
    super();
    checkOptions('new RemoteTokenVerifier(…)', options, REMOTE_VERIFIER_KEYS);
    checkEndpoint('RemoteTokenVerifier', 'url', options.url);
    this.#options = options;
    this.#audience = new AudienceRule('RemoteTokenVerifier', options.audience);
    this.audienceBinding =
      options.audience === undefined ? 'none' : this.#audience.binding;
  }

  /** @throws InvalidTokenError, VerifierUnavailableError */
  override async verify(
    token: string,
    context?: VerifyContext,
  ): Promise<AccessToken | null> {
    const claims = await this.ask(token);
    if (!claims || !normalizeVerified(token, claims)) {
      return null;
    }
    const unbound = this.audienceBinding === 'none';
    const verified = AccessToken.fromClaims(token, claims, {
      paths: this.#options.claims,
      resource: unbound ? undefined : this.#audience.match(claims, context),
    });
    if (!isAffirmed(claims) && !tellsOfCaller(verified)) {
      throw new InvalidTokenError('claims');
    }
    return verified;
  }

  private async ask(token: string): Promise<TokenClaims | null> {
    const { url, headers, timeout = 10_000 } = this.#options;
    try {
      const { status, body } = await guardedFetch(url, {
        trust: { source: 'configuration' },
        method: 'POST',
        timeout,
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...headers,
        },
        body: JSON.stringify({ token }),
      });
      return REFUSED.includes(status) ? null : readAnswer(status, body);
    } catch (cause) {
      throw new VerifierUnavailableError(
        'The verification service gave no answer about a token',
        { cause },
      );
    }
  }
}

/** Whether the service says outright that the token is good. */
function isAffirmed({ active, valid }: TokenClaims): boolean {
  return active === true || valid === true;
}

/** `{}`, or a message in a shape of its own, is no word for a token. */
function tellsOfCaller(token: AccessToken): boolean {
  return (
    token.subject !== undefined ||
    token.clientId !== undefined ||
    token.scopes.length > 0 ||
    token.roles.length > 0
  );
}

function readAnswer(status: number, body: string): TokenClaims | null {
  const answer = parseJson(body);
  if (status === 200 && answer === false) {
    return null;
  }
  if (status !== 200 || !isJsonObject(answer)) {
    throw new GuardedFetchError(
      'content',
      `The service answered ${status}, and no claims`,
    );
  }
  return answer;
}
