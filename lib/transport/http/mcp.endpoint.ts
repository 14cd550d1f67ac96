import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  type NodeMcpRequestHandler,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { findContract } from '../../nest/contracts.js';
import type { RequestWithHeaders } from '../../auth/credentials/auth.provider.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { HttpPair } from '../../platform/http-pair.js';
import { McpApplication } from '../../platform/mcp-application.js';
import { DeferredResponse } from '../request/deferred-response.js';
import {
  McpServerInstance,
  type SsePlaces,
} from '../../server/mcp-server-instance.js';
import { EventStore } from '../resume/event.store.js';
import { ServerEvents } from '../list-changes/server-events.js';
import { MemoryEventStore } from '../resume/memory-event.store.js';
import {
  type EndpointRequest,
  fetchable,
  runRequest,
} from '../request/endpoint-request.js';
import { FastPath } from '../direct/fast-path.js';
import { McpServerFactory } from '../sdk-server/mcp-server.factory.js';
import { LegacySessions } from '../sessions/legacy-sessions.js';
import { resolveSessions } from '../sessions/session-settings.js';
import { resolveSse } from '../sessions/sse-places.js';
import { SseSessions } from '../sessions/sse-sessions.js';
import { SubscriptionLimit } from '../features/subscription.limit.js';
import { CLOSING, malformed, refuse } from '../request/request-refusals.js';
import { OpenRequests, untilNone } from '../request/open-requests.js';
import { StreamTokens } from '../streams/stream-tokens.js';

const STORE_METHODS = [
  'keep',
  'ownerOf',
  'append',
  'replay',
  'forget',
] as const;

/** Milliseconds in which listeners are to have been answered at the end. */
const FAREWELL = 500;

/** What of a body decides how its exchange is treated; nothing has checked it yet. */
interface Message {
  readonly id?: unknown;
  readonly method?: unknown;
}

/**
 * Serves HTTP requests of both eras on the SDK's handler: 2026-07-28 by its
 * per-request envelope, everything before with sessions, or alone.
 */
@Injectable()
export class McpEndpoint implements OnModuleInit, BeforeApplicationShutdown {
  /** Those of clients before 2026-07-28; undefined where there are to be none. */
  readonly sessions: LegacySessions | undefined;
  private readonly sse: SseSessions | undefined;
  private readonly logger = new Logger('McpEndpoint');
  private readonly handler: McpHttpHandler;
  private readonly serveNode: NodeMcpRequestHandler;
  private readonly open: OpenRequests;
  private readonly streamTokens: StreamTokens;
  private store: EventStore | undefined;
  private isClosing = false;

  constructor(
    servers: McpServerFactory,
    events: ServerEvents,
    limit: SubscriptionLimit,
    private readonly server: McpServerInstance,
    private readonly application: McpApplication,
    private readonly modules: ModuleRef,
    private readonly fastPath: FastPath,
    auth: ServerAuth,
  ) {
    const { settings } = server;
    this.open = new OpenRequests(settings.keepAliveInterval || 0);
    this.streamTokens = new StreamTokens(auth);
    const sessions = resolveSessions(settings.legacy);
    this.sessions =
      sessions &&
      new LegacySessions(sessions, {
        server: () => server.path,
        create: () => servers.create('legacy', { hasSession: true }),
        store: () => (this.store ??= new MemoryEventStore()),
        news: events,
      });
    this.sse =
      this.sessions &&
      resolveSse(settings) &&
      new SseSessions(
        this.sessions,
        () => server.sse,
        settings.limits.maxUnreadBytes,
      );
    const onerror = (error: Error): void => this.logger.debug(error.message);
    this.handler = createMcpHandler(
      (asked) => servers.createForRequest(asked),
      {
        onerror,
        bus: events,
        // Counted here, where it is known whose they are.
        maxSubscriptions: Infinity,
        // Streams of all kinds are kept open in one place.
        keepAliveMs: 0,
        legacy: settings.legacy ? 'stateless' : 'reject',
      },
    );
    this.serveNode = toNodeHandler(
      {
        fetch: async (request, given = {}) =>
          (await this.sessions?.fetch(request, given)) ??
          limit.fetch(request, given, () => this.handler.fetch(request, given)),
      },
      { onerror },
    );
  }

  onModuleInit(): void {
    this.store = findContract(this.modules, EventStore, STORE_METHODS);
    this.sessions?.start();
  }

  /** Serves one request of the adapter; resolves when the response has ended. */
  serve(request: unknown, response: unknown): Promise<void> {
    const { platform } = this.application;
    const raw = platform.takeOver(request, response);
    const ssePlace = this.sse?.placeOf(platform.routePathOf(request));
    if (
      this.isClosing &&
      !((ssePlace === 'messages' || isOfSession(raw)) && helpsRunningCall(raw))
    ) {
      refuse(raw, CLOSING);
      return Promise.resolve();
    }
    const isStream =
      raw.request.method === 'GET' ||
      methodOf(raw.body) === 'subscriptions/listen';
    if (isStream) {
      // What is sent unasked is sent on the strength of a token that holds.
      this.streamTokens.follow(request as RequestWithHeaders, raw.response);
    }
    const exchange: EndpointRequest = {
      request,
      response,
      maxUnreadBytes: this.server.settings.limits.maxUnreadBytes,
      staysOpen: isStream,
    };
    this.open.add(exchange, raw.response);
    return runRequest(exchange, () => this.answer(raw, exchange, ssePlace));
  }

  private answer(
    raw: HttpPair,
    exchange: EndpointRequest,
    ssePlace: keyof SsePlaces | undefined,
  ): Promise<void> {
    return this.sse && ssePlace
      ? this.sse.serve(ssePlace, raw)
      : (this.fastPath.serve(raw, exchange) ?? this.serveBySdk(raw, exchange));
  }

  private async serveBySdk(
    raw: HttpPair,
    exchange: EndpointRequest,
  ): Promise<void> {
    const refusal = malformed(raw);
    if (refusal) {
      refuse(raw, refusal);
      return;
    }
    const writer = new DeferredResponse(raw, exchange);
    exchange.writer = writer;
    await this.serveNode(fetchable(raw.request), writer, raw.body);
  }

  /**
   * Takes no more calls, gives those that run their time, answers open
   * subscriptions, then ends what is still under way.
   */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    await untilNone(
      () => this.open.runningCalls + (this.sessions?.runningCalls ?? 0),
      this.server.settings.limits.drainTimeout,
    );
    await this.handler.close();
    await this.sessions?.close();
    await untilNone(() => this.open.size, FAREWELL);
    this.open.destroy();
  }
}

function isOfSession({ request }: HttpPair): boolean {
  return request.headers['mcp-session-id'] !== undefined;
}

/** A call may wait for its client: for the answer to a question, or to be cancelled. */
function helpsRunningCall({ body }: HttpPair): boolean {
  const { id, method } = (body ?? {}) as Message;
  return (
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    (id === undefined || method === undefined)
  );
}

function methodOf(body: unknown): unknown {
  return ((body ?? {}) as Message).method;
}
