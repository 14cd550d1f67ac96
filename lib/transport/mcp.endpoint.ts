import type { IncomingMessage } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
} from '@nestjs/common';
import {
  type NodeIncomingMessageLike,
  type NodeMcpRequestHandler,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { takeOver } from './adapter-exchange.js';
import { DeferredResponse } from './deferred-response.js';
import { type Exchange, runExchange } from './exchange.js';
import { failure, failureBody } from './json-rpc-error.js';
import { McpServerFactory } from './mcp-server.factory.js';

/**
 * Serves HTTP requests of both eras on the SDK's handler: 2026-07-28 by its
 * per-request envelope, everything before without sessions.
 */
@Injectable()
export class McpEndpoint implements BeforeApplicationShutdown {
  private readonly logger = new Logger('McpEndpoint');
  private readonly handler: McpHttpHandler;
  private readonly serveNode: NodeMcpRequestHandler;
  /** Responses under way, for {@link beforeApplicationShutdown} to end. */
  private readonly open = new Set<() => void>();
  private closing = false;

  constructor(servers: McpServerFactory) {
    const onerror = (error: Error): void => this.logger.debug(error.message);
    this.handler = createMcpHandler(({ era }) => servers.create(era), {
      onerror,
    });
    this.serveNode = toNodeHandler(this.handler, { onerror });
    servers.onToolsChanged(() => this.handler.notify.toolsChanged());
  }

  /** Serves one request of the adapter; resolves when the response has ended. */
  async serve(request: unknown, response: unknown): Promise<void> {
    const raw = takeOver(request, response);
    if (this.closing) {
      const refusal = failure(503, '');
      raw.response.writeHead(503, { 'content-type': 'application/json' });
      raw.response.end(failureBody(refusal, raw.body));
      return;
    }
    const end = (): void => void raw.response.destroy();
    this.open.add(end);
    raw.response.once('close', () => this.open.delete(end));
    const exchange: Exchange = { request, response };
    await runExchange(exchange, () =>
      this.serveNode(
        fetchable(raw.request),
        new DeferredResponse(raw.response, raw.headers, exchange),
        raw.body,
      ),
    );
  }

  /** Answers open subscriptions, then ends what is still under way. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.handler.close();
    await new Promise((resolve) => setImmediate(resolve));
    for (const end of this.open) {
      end();
    }
  }
}

/** The SDK makes a URL of host and path; which one is of no account, but it must parse. */
function fetchable(request: IncomingMessage): NodeIncomingMessageLike {
  return {
    ...(request.method !== undefined && { method: request.method }),
    url: '/',
    headers: request.headers,
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
  };
}
