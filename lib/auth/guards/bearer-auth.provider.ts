import type { AccessToken } from '../access-token.js';
import { InvalidTokenError } from '../errors/invalid-token.error.js';
import { verifyWith } from '../verifiers/normalize-verified.js';
import type {
  TokenVerifier,
  VerifyContext,
} from '../verifiers/token-verifier.js';
import { McpAuthProvider, type RequestWithHeaders } from './auth.provider.js';

/** A `b64token` (RFC 6750, section 2.1), and nothing after it. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;

/** What a {@link BearerAuthProvider} works with. */
export interface BearerAuthOptions {
  readonly verifier: TokenVerifier;
  /** In any case. */
  readonly scheme: string;
  /** Names of this server at the time of the request. */
  readonly audience: (request: RequestWithHeaders) => readonly string[];
  /** Told why a token was refused, for the log. */
  readonly onRefusal: (reason: unknown) => void;
}

/**
 * Takes the token from the `Authorization` header (RFC 6750, section 2.1), the
 * only place it is looked for.
 *
 * @publicApi
 */
export class BearerAuthProvider extends McpAuthProvider {
  private readonly scheme: string;

  constructor(private readonly options: BearerAuthOptions) {
    super();
    this.scheme = options.scheme.toLowerCase();
  }

  async authenticate(request: RequestWithHeaders): Promise<AccessToken | null> {
    const credentials = this.credentialsOf(request);
    if (credentials === undefined) {
      return null;
    }
    if (!TOKEN.test(credentials)) {
      throw new InvalidTokenError('malformed');
    }
    const context: VerifyContext = {
      audience: this.options.audience(request),
      tokenType: this.scheme,
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
    return token;
  }

  /** What follows the scheme; undefined for another scheme, which is no bearer credential at all. */
  protected credentialsOf({ headers }: RequestWithHeaders): string | undefined {
    const [scheme = '', ...rest] = (headers.authorization ?? '').split(' ');
    return scheme.toLowerCase() === this.scheme
      ? rest.join(' ').trim()
      : undefined;
  }
}
