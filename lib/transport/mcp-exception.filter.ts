import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Injectable,
  Logger,
} from '@nestjs/common';
import type { OutgoingHttpHeaders } from 'node:http';
import { McpAuthException } from '../auth/errors/auth.exception.js';
import type { RequestWithHeaders } from '../auth/guards/auth.provider.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import { takeOver } from './adapter-exchange.js';
import { failure, failureBody } from './json-rpc-error.js';

/**
 * Turns whatever stops a request before the protocol is reached, a guard's
 * refusal above all, into a JSON-RPC error, or an OAuth error where the token
 * is at fault. On the controller, it comes before the application's own filters.
 */
@Catch()
@Injectable()
export class McpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('McpController');

  constructor(private readonly auth: ServerAuth) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<RequestWithHeaders>();
    const raw = takeOver(request, http.getResponse());
    const { status, body } = this.answer(exception, raw.body);
    if (raw.response.headersSent) {
      raw.response.end();
      return;
    }
    raw.response.writeHead(status, {
      ...raw.headers,
      ...this.challenge(status, request, {
        ...raw.response.getHeaders(),
        ...raw.headers,
      }),
      'content-type': 'application/json',
    });
    raw.response.end(raw.request.method === 'HEAD' ? undefined : body);
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

  /** Guards of the application know nothing of the metadata a client is to be led to. */
  private challenge(
    status: number,
    request: RequestWithHeaders,
    headers: OutgoingHttpHeaders,
  ): OutgoingHttpHeaders {
    if (
      !this.auth.enabled ||
      (status !== 401 && status !== 403) ||
      headers['www-authenticate'] !== undefined
    ) {
      return {};
    }
    const scopes = this.auth.scopes.neededBy([]);
    const error =
      request.headers.authorization === undefined
        ? undefined
        : status === 401
          ? 'invalid_token'
          : 'insufficient_scope';
    return {
      'www-authenticate': this.auth.challenge(request, {
        scopes,
        ...(error && { error }),
      }),
    };
  }
}
