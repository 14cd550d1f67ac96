import type { IncomingMessage } from 'node:http';
import { type HttpServer, Logger } from '@nestjs/common';
import {
  addressOf,
  type HttpPair,
  nodeRequestOf,
  setHeaders,
} from '../../platform/http-pair.js';
import type { HttpPlatform } from '../../platform/http-platform.js';
import { EndpointGuards } from './endpoint-guards.js';
import { type OAuthRequest, sendOAuthError } from './oauth.request.js';
import {
  RecordTooLargeError,
  StoreUnavailableError,
} from '../storage/store.errors.js';
import {
  BodyError,
  checkLength,
  MAX_BODY_BYTES,
  readBody,
} from './request-body.js';
import type { ServerRoute } from './server-routes.js';

/** Whatever answers the exchanges. */
interface OAuthHandler {
  /** Path of the issuer, without a slash at its end. */
  readonly basePath: string;
  handle(exchange: OAuthRequest): Promise<void>;
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
    private readonly platform: HttpPlatform,
    private readonly server: OAuthHandler,
    private readonly guards: EndpointGuards,
  ) {}

  /** To be called while modules are configured: later, the application's routes would come first. */
  mount(routes: readonly ServerRoute[]): void {
    this.platform.onParserFailure({
      paths: routes.map(({ path }) => path),
      maxRequestBytes: MAX_BODY_BYTES,
      answer: sendOAuthError,
    });
    for (const { path, url } of routes) {
      this.adapter.all?.(path, ((
        request: { readonly ip?: string },
        response: object,
      ) => this.serve(request, response, url)) as never);
    }
  }

  /** @param rewrite what the URL means, for those that stand for another */
  private async serve(
    request: { readonly ip?: string },
    response: object,
    rewrite: string | undefined,
  ): Promise<void> {
    let taken: HttpPair | undefined;
    // What guards and hooks have set stays.
    const takeOver = (): HttpPair => {
      if (!taken) {
        taken = this.platform.takeOver(request, response);
        if (!taken.response.headersSent) {
          setHeaders(taken.response, taken.headers);
        }
      }
      return taken;
    };
    try {
      checkLength(nodeRequestOf(request) as IncomingMessage);
      const refusal = await this.guards.refuse(request, response);
      const { request: raw, response: answer, body } = takeOver();
      if (refusal !== undefined) {
        sendOAuthError(answer, refusal);
        return;
      }
      await this.server.handle({
        request: raw,
        response: answer,
        body: await readBody(raw, body),
        url: this.urlOf(raw, rewrite),
        address: addressOf(request) ?? '',
      } satisfies OAuthRequest);
    } catch (error) {
      const { response: answer } = takeOver();
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
    // A target can name any host (RFC 9112, section 3.2.2): the issuer's alone counts.
    const url = (request.url ?? '/').replace(/^[a-z]+:\/\/[^/?#]*/i, '');
    const query = url.includes('?') ? url.slice(url.indexOf('?')) : '';
    return rewrite === undefined
      ? url.slice(this.server.basePath.length)
      : `${rewrite}${query}`;
  }
}
