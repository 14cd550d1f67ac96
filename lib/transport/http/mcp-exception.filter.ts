import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  Logger,
} from '@nestjs/common';
import { AccessToken } from '../../auth/token/access-token.js';
import {
  McpAuthException,
  verifierUnavailable,
} from '../../auth/challenge/auth.challenge.js';
import {
  verifiedTokenOf,
  type CarryingRequest,
} from '../../auth/server/carried-token.js';
import { VerifierUnavailableError } from '../../auth/token/token.errors.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import { McpApplication } from '../../platform/mcp-application.js';
import { failure, failureBody } from '../request/json-rpc-error.js';

/**
 * Turns whatever stops a request before the protocol is reached, a guard's
 * refusal above all, into a JSON-RPC error, or an OAuth error where the token
 * is at fault. On the controller, it comes before the application's own filters.
 */
@Catch()
@Injectable()
export class McpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('McpController');
  private hasToldOfBare = false;

  constructor(
    private readonly auth: ServerAuth,
    private readonly application: McpApplication,
  ) {}

  async catch(exception: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<CarryingRequest>();
    const pair = this.application.platform.takeOver(
      request,
      http.getResponse(),
    );
    const { response, headers: kept } = pair;
    const own = this.answer(exception, pair.body);
    const headers = { ...response.getHeaders(), ...kept };
    const { status, challenge, unjudged } = await this.challenged(
      own.status,
      request,
      exception instanceof McpAuthException ||
        headers['www-authenticate'] !== undefined,
    );
    const { body } = unjudged ? this.answer(unjudged, pair.body) : own;
    if (response.headersSent) {
      response.end();
      return;
    }
    response.writeHead(status, {
      ...kept,
      ...(challenge && { 'www-authenticate': challenge }),
      ...(unjudged && { 'retry-after': String(unjudged.retryAfter) }),
      'content-type': 'application/json',
    });
    response.end(pair.request.method === 'HEAD' ? undefined : body);
  }

  private answer(
    exception: unknown,
    requestBody: unknown,
  ): { readonly status: number; readonly body: string } {
    if (exception instanceof McpAuthException) {
      return {
        status: exception.getStatus(),
        body: JSON.stringify(exception.getResponse()),
      };
    }
    const refusal =
      exception instanceof HttpException
        ? failure(exception.getStatus(), exception.message)
        : failure(500, '');
    if (refusal.status >= 500) {
      this.logger.error(exception);
    }
    return { status: refusal.status, body: failureBody(refusal, requestBody) };
  }

  /**
   * The challenge of a guard of the application, which knows nothing of the
   * metadata that a client is to be led to; and 403 in place of its 401 where
   * the token is good, as another one of the same kind would not help: the
   * client would log in again for ever. Where it cannot be told whether the
   * token is good, the client is to come back.
   */
  private async challenged(
    status: number,
    request: CarryingRequest,
    isSettled: boolean,
  ): Promise<{
    readonly status: number;
    readonly challenge?: string;
    readonly unjudged?: McpAuthException;
  }> {
    if (isSettled || (status !== 401 && status !== 403)) {
      return { status };
    }
    if (!this.auth.enabled) {
      return status === 401 ? { status, challenge: this.bare() } : { status };
    }
    const scopes = this.auth.scopes.neededBy([]);
    const token = await this.goodToken(request);
    if (token instanceof McpAuthException) {
      return { status: token.getStatus(), unjudged: token };
    }
    if (token && this.auth.scopes.missing(token, scopes).length === 0) {
      return { status: 403, challenge: this.auth.challenge(request, {}) };
    }
    const error =
      request.headers.authorization === undefined
        ? undefined
        : status === 401 && !token
          ? 'invalid_token'
          : 'insufficient_scope';
    return {
      status: token ? 403 : status,
      challenge: this.auth.challenge(
        request,
        { scopes, ...(error && { error }) },
        token,
      ),
    };
  }

  /** A 401 has a challenge (RFC 9110, section 11.6.1), though nothing is known of where to log in. */
  private bare(): string {
    if (!this.hasToldOfBare) {
      this.hasToldOfBare = true;
      this.logger.warn(
        'A guard of the application answered 401 at the MCP endpoint, and ' +
          'without auth there is no telling clients where to log in. Set ' +
          'auth: { verifier: false, authorizationServers: […] }.',
      );
    }
    return 'Bearer';
  }

  /** The token of the request, where it is one that this server takes; a refusal where that cannot be told. */
  private async goodToken(
    request: CarryingRequest,
  ): Promise<AccessToken | McpAuthException | null> {
    if (!this.auth.verifiesTokens) {
      return null;
    }
    try {
      const token =
        verifiedTokenOf(request, this.auth) ??
        (await this.auth.authenticate(request));
      return AccessToken.is(token) && !token.isExpired() ? token : null;
    } catch (error) {
      return VerifierUnavailableError.is(error)
        ? verifierUnavailable(error.retryAfter)
        : null;
    }
  }
}
