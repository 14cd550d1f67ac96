import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, Logger } from '@nestjs/common';
import { addressOf } from '../../platform/http-pair.js';
import { EndpointGuards } from './endpoint-guards.js';
import { type OAuthRequest, sendOAuthError } from './oauth.request.js';
import { handleParserErrors } from './parser-errors.js';
import {
  RecordTooLargeError,
  StoreUnavailableError,
} from '../storage/store.errors.js';
import { BodyError, checkLength, readBody } from './parser-errors.js';
import type { ServerRoute } from './server-routes.js';

/** Whatever answers the exchanges. */
interface OAuthHandler {
  /** Path of the issuer, without a slash at its end. */
  readonly basePath: string;
  handle(exchange: OAuthRequest): Promise<void>;
}

/** A request of Express, or the raw one of Fastify beside it. */
interface AdapterRequest extends IncomingMessage {
  readonly raw?: IncomingMessage;
  readonly body?: unknown;
  readonly ip?: string;
}

interface AdapterResponse extends ServerResponse {
  readonly raw?: ServerResponse;
  hijack?(): void;
  getHeaders(): Record<string, number | string | string[]>;
}

/**
 * Serves the endpoints and the metadata of an authorization server by routes of
 * the adapter itself: out of reach for prefixes, versions, global guards, pipes
 * and filters of the application.
 */
export class McpOAuthController {
  private readonly logger = new Logger('McpOAuthController');

  constructor(
    private readonly adapter: HttpServer,
    private readonly server: OAuthHandler,
    private readonly guards: EndpointGuards,
  ) {}

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(routes: readonly ServerRoute[]): void {
    handleParserErrors(
      this.adapter,
      routes.map(({ path }) => path),
    );
    for (const { path, url } of routes) {
      this.adapter.all?.(path, ((
        request: AdapterRequest,
        response: AdapterResponse,
      ) => this.serve(request, response, url)) as never);
    }
  }

  /** @param rewrite what the URL means, for those that stand for another */
  private async serve(
    request: AdapterRequest,
    response: AdapterResponse,
    rewrite: string | undefined,
  ): Promise<void> {
    const raw = request.raw ?? request;
    const answer = response.raw ?? response;
    try {
      checkLength(raw);
      const refusal = await this.guards.refuse(request, response);
      takeOver(response, answer);
      if (refusal !== undefined) {
        sendOAuthError(answer, refusal);
        return;
      }
      await this.server.handle({
        request: raw,
        response: answer,
        body: await readBody(raw, request.body),
        url: this.urlOf(raw, rewrite),
        address: addressOf(request) ?? '',
      } satisfies OAuthRequest);
    } catch (error) {
      takeOver(response, answer);
      if (
        error instanceof BodyError ||
        error instanceof StoreUnavailableError ||
        error instanceof RecordTooLargeError
      ) {
        sendOAuthError(answer, error.status);
        return;
      }
      this.logger.error(error);
      sendOAuthError(answer, 500);
    }
  }

  private urlOf(request: IncomingMessage, rewrite?: string): string {
    // A target can name any host (RFC 9112, section 3.2.2): none but the issuer's counts.
    const url = (request.url ?? '/').replace(/^[a-z]+:\/\/[^/?#]*/i, '');
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    return rewrite === undefined
      ? url.slice(this.server.basePath.length)
      : `${rewrite}${query}`;
  }
}

/** From here on Fastify leaves the answer to us; what guards and hooks have set stays. */
function takeOver(response: AdapterResponse, answer: ServerResponse): void {
  if (response.hijack && !answer.headersSent) {
    response.hijack();
    for (const [name, value] of Object.entries(response.getHeaders())) {
      answer.setHeader(name, value);
    }
  }
}
