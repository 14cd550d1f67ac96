import {
  type ArgumentsHost,
  Catch,
  type ExceptionFilter,
  HttpException,
  Logger,
} from '@nestjs/common';
import { takeOver } from './adapter-exchange.js';
import { failure, failureBody } from './json-rpc-error.js';

/**
 * Turns whatever stops a request before the protocol is reached, a guard's
 * refusal above all, into a JSON-RPC error. On the controller, it comes before
 * the application's own filters.
 */
@Catch()
export class McpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('McpController');

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const refusal =
      exception instanceof HttpException
        ? failure(exception.getStatus(), exception.message)
        : failure(500, '');
    if (refusal.status >= 500) {
      this.logger.error(exception);
    }
    const { request, response, body, headers } = takeOver(
      http.getRequest(),
      http.getResponse(),
    );
    if (response.headersSent) {
      response.end();
      return;
    }
    response.writeHead(refusal.status, {
      ...headers,
      'content-type': 'application/json',
    });
    response.end(
      request.method === 'HEAD' ? undefined : failureBody(refusal, body),
    );
  }
}
