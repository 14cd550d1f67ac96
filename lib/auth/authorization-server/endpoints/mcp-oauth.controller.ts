import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpServer, Logger } from '@nestjs/common';
import { EndpointGuards } from './endpoint-guards.js';
import { type OAuthExchange, sendOAuthError } from './oauth.exchange.js';
import { handleParserErrors } from './parser-errors.js';
import type { ServerRoute } from './server-routes.js';

/** Bytes a body may have: what clients send is small, and comes before anybody is known. */
const MAX_BODY_BYTES = 64 * 1024;

/** Whatever answers the exchanges. */
export interface ExchangeHandler {
  /** Path of the issuer, without a slash at its end. */
  readonly basePath: string;
  handle(exchange: OAuthExchange): Promise<void>;
}

/** A request of Express, or the raw one of Fastify beside it. */
interface AdapterRequest extends IncomingMessage {
  readonly raw?: IncomingMessage;
  readonly body?: unknown;
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
    private readonly server: ExchangeHandler,
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
      const refusal =
        Number(raw.headers['content-length'] ?? 0) > MAX_BODY_BYTES
          ? 413
          : await this.guards.refuse(request, response);
      takeOver(response, answer);
      if (refusal !== undefined) {
        sendOAuthError(answer, refusal);
        return;
      }
      await this.server.handle({
        request: raw,
        response: answer,
        body: request.body,
        url: this.urlOf(raw, rewrite),
      } satisfies OAuthExchange);
    } catch (error) {
      this.logger.error(error);
      takeOver(response, answer);
      sendOAuthError(answer, 500);
    }
  }

  private urlOf({ url = '/' }: IncomingMessage, rewrite?: string): string {
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
