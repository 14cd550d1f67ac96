import type { AccessToken } from '../token/access-token.js';
import { InvalidTokenError } from '../token/token.errors.js';
import { verifyWith } from '../verifiers/normalize-verified.js';
import type {
  TokenVerifier,
  VerifyContext,
} from '../verifiers/token-verifier.js';
import { McpAuthProvider, type RequestWithHeaders } from './auth.provider.js';
import { DpopProofs, isBound } from './dpop.proof.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** A `b64token` (RFC 6750, section 2.1), and nothing after it. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

const BEARER = 'bearer';
const DPOP = 'dpop';

/** What a {@link BearerAuthProvider} works with. */
interface BearerAuthOptions {
  readonly verifier: TokenVerifier;
  /** Names of this server at the time of the request. */
  readonly audience: (request: RequestWithHeaders) => readonly string[];
  /** What its URL may be called, which DPoP proofs have to name. @default the same as `audience` */
  readonly urls?: (request: RequestWithHeaders) => readonly string[];
  /** Told why a token was refused, for the log. */
  readonly onRefusal: (reason: unknown) => void;
}

const BEARER_AUTH_KEYS: OptionKeys<BearerAuthOptions> = {
  verifier: true,
  audience: true,
  urls: true,
  onRefusal: true,
};

/**
 * Takes the token from the `Authorization` header (RFC 6750, section 2.1), the
 * only place it is looked for. A token that is bound to a key has to come as
 * `DPoP`, with a proof that the caller holds the key (RFC 9449, section 7.1);
 * one that is bound to anything else is refused.
 *
 * @publicApi
 */
export class BearerAuthProvider extends McpAuthProvider {
  private readonly proofs = new DpopProofs();

  constructor(private readonly options: BearerAuthOptions) {
    super();
    checkOptions('new BearerAuthProvider(…)', options, BEARER_AUTH_KEYS);
  }

  authenticate(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.verify(request, true);
  }

  /** Without the proof, which can be used only once: its sender is the same. */
  override recheck(request: RequestWithHeaders): Promise<AccessToken | null> {
    return this.verify(request, false);
  }

  private async verify(
    request: RequestWithHeaders,
    needsProof: boolean,
  ): Promise<AccessToken | null> {
    const credentials = this.credentialsOf(request);
    if (credentials === undefined) {
      return null;
    }
    if (!TOKEN.test(credentials)) {
      throw new InvalidTokenError('malformed');
    }
    const isDpop = schemeOf(request) === DPOP;
    const context: VerifyContext = {
      audience: this.options.audience(request),
      tokenType: isDpop ? DPOP : BEARER,
    };
    const token = await verifyWith(
      this.options.verifier,
      credentials,
      context,
      this.options.onRefusal,
    );
    if (!token) {
      throw new InvalidTokenError('claims');
    }
    try {
      // Whatever verified it: its issuer bound it so that nobody who steals it can use it.
      if (isDpop && needsProof) {
        await this.checkProof(request, token, credentials);
      } else if (!isDpop && isBound(token)) {
        throw new InvalidTokenError('binding');
      }
    } catch (error) {
      this.options.onRefusal(error);
      throw error;
    }
    return token;
  }

  private checkProof(
    request: RequestWithHeaders,
    token: AccessToken,
    credentials: string,
  ): Promise<void> {
    const { audience, urls = audience } = this.options;
    const names = urls(request);
    return this.proofs.check({ request, token, credentials, urls: names });
  }

  /** What follows the scheme; undefined for another scheme, which is no bearer credential at all. */
  protected credentialsOf(request: RequestWithHeaders): string | undefined {
    const scheme = schemeOf(request);
    return scheme === BEARER || scheme === DPOP
      ? request.headers.authorization?.slice(scheme.length).trim()
      : undefined;
  }
}

function schemeOf({ headers }: RequestWithHeaders): string {
  const [scheme = ''] = (headers.authorization ?? '').split(' ', 1);
  return scheme.toLowerCase();
}
