import type { IncomingMessage } from 'node:http';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnModuleInit,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import {
  type NodeIncomingMessageLike,
  type NodeMcpRequestHandler,
  toNodeHandler,
} from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  type McpHttpHandler,
} from '@modelcontextprotocol/server';
import { findContract } from '../nest/contracts.js';
import type { RequestWithHeaders } from '../auth/guards/auth.provider.js';
import { ServerAuth } from '../auth/guards/server-auth.js';
import { SERVER_SETTINGS, type ServerSettings } from '../server-settings.js';
import { type RawExchange, takeOver } from './adapter-exchange.js';
import { DeferredResponse } from './deferred-response.js';
import { EndpointAddress } from './endpoint.address.js';
import { EventStore } from './event-store/event.store.js';
import { ServerEvents } from './events/server-events.js';
import { MemoryEventStore } from './event-store/memory-event.store.js';
import { type Exchange, runExchange } from './exchange.js';
import { FastPath } from './fast-path/fast-path.js';
import { McpServerFactory } from './mcp-server.factory.js';
import { LegacySessions } from './sessions/legacy-sessions.js';
import { resolveSessions } from './sessions/session-settings.js';
import {
  resolveSse,
  ssePlacesOf,
  type SsePlaces,
} from './sessions/sse/sse-places.js';
import { SseSessions } from './sessions/sse/sse-sessions.js';
import { SubscriptionLimit } from './subscriptions/subscription.limit.js';
import { CLOSING, malformed, refuse } from './request-refusals.js';
import { OpenExchanges, untilNone } from './streams/open-exchanges.js';
import { StreamTokens } from './streams/stream-tokens.js';

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
  private readonly open: OpenExchanges;
  private readonly streamTokens: StreamTokens;
  private store: EventStore | undefined;
  private isClosing = false;

  constructor(
    servers: McpServerFactory,
    events: ServerEvents,
    limit: SubscriptionLimit,
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    address: EndpointAddress,
    private readonly modules: ModuleRef,
    private readonly fastPath: FastPath,
    auth: ServerAuth,
  ) {
    this.open = new OpenExchanges(settings.keepAliveInterval || 0);
    this.streamTokens = new StreamTokens(auth);
    const sessions = resolveSessions(settings.legacy && settings.sessions);
    this.sessions =
      sessions &&
      new LegacySessions(sessions, {
        server: () => address.path,
        create: () => servers.create('legacy', { hasSession: true }),
        store: () => (this.store ??= new MemoryEventStore()),
        news: events,
      });
    this.sse =
      this.sessions &&
      resolveSse(settings) &&
      new SseSessions(
        this.sessions,
        () => ssePlacesOf(settings),
        settings.maxUnreadBytes,
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
    const raw = takeOver(request, response);
    const ssePlace = this.sse?.placeOf(request);
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
    const exchange: Exchange = {
      request,
      response,
      maxUnreadBytes: this.settings.maxUnreadBytes,
      staysOpen: isStream,
    };
    this.open.add(exchange, raw.response);
    return runExchange(exchange, () => this.answer(raw, exchange, ssePlace));
  }

  private async answer(
    raw: RawExchange,
    exchange: Exchange,
    ssePlace: keyof SsePlaces | undefined,
  ): Promise<void> {
    if (this.sse && ssePlace) {
      await this.sse.serve(ssePlace, raw);
      return;
    }
    const served = this.fastPath.serve(raw, exchange);
    if (!(typeof served === 'boolean' ? served : await served)) {
      await this.serveBySdk(raw, exchange);
    }
  }

  private async serveBySdk(
    raw: RawExchange,
    exchange: Exchange,
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
      this.settings.drainTimeout,
    );
    await this.handler.close();
    await this.sessions?.close();
    await untilNone(() => this.open.size, FAREWELL);
    this.open.destroy();
  }
}

function isOfSession({ request }: RawExchange): boolean {
  return request.headers['mcp-session-id'] !== undefined;
}

/** A call may wait for its client: for the answer to a question, or to be cancelled. */
function helpsRunningCall({ body }: RawExchange): boolean {
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

/** The SDK makes a URL of host and path; which one is of no account, but it must parse. */
function fetchable(request: IncomingMessage): NodeIncomingMessageLike {
  return {
    ...(request.method !== undefined && { method: request.method }),
    url: '/',
    headers: request.headers,
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
  };
}
