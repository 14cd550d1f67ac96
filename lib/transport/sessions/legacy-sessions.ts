import {
  isInitializeRequest,
  type McpHandlerRequestOptions,
  type Server,
} from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import type { EventStore } from '../event-store/event.store.js';
import type { SessionEvents } from '../event-store/session-events.js';
import { endingWith } from '../streams/ending-body.js';
import { requestIdsOf } from '../json-rpc-error.js';
import { currentExchange } from '../exchange.js';
import { FollowedStreams } from './followed-streams.js';
import { bodyOf, isLegacy } from './legacy-request.js';
import { holdToken } from '../subscriptions/session-token.js';
import { LegacySession } from './legacy-session.js';
import { SessionKeeper } from './session.keeper.js';
import { currentCaller, type SessionCaller } from './session-caller.js';
import {
  idInUse,
  noRoom,
  sessionNotFound,
  sessionRequired,
} from './session-refusals.js';
import type { SessionSettings } from './session-settings.js';
import { type Overload, SessionRegistry } from './session.registry.js';
import { SessionTransport } from './session.transport.js';

/** What the sessions of one server need around them. */
export interface SessionSurroundings {
  /** Name of the server, the same on all instances. */
  readonly server: () => string;
  /** Makes the SDK's server of a session. */
  readonly create: () => Server;
  readonly store: () => EventStore;
}

/** A session, and the transport that its HTTP requests go to. */
interface Served {
  readonly session: LegacySession;
  readonly transport: SessionTransport;
  readonly events: SessionEvents;
}

/** The form of the ids that are given out; nothing else is looked up. */
const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Serves clients before 2026-07-28 that keep a session (MCP 2025-11-25,
 * Transports, "Session Management"). A session belongs to who began it: to
 * everybody else it does not exist.
 */
export class LegacySessions {
  private readonly keeper: SessionKeeper;
  private readonly registry: SessionRegistry;
  private readonly served = new WeakMap<LegacySession, Served>();
  private readonly followed: FollowedStreams;

  constructor(
    private readonly settings: SessionSettings,
    private readonly surroundings: SessionSurroundings,
  ) {
    this.keeper = new SessionKeeper(surroundings.store, settings.idleTimeout);
    this.followed = new FollowedStreams(
      surroundings.store,
      settings.maxPerUser,
    );
    this.registry = new SessionRegistry(
      settings,
      (session) => void session.server.close().catch(() => undefined),
      (session) => void (this.served.has(session) && this.keeper.keep(session)),
    );
  }

  /** The sessions on this instance. */
  all(): readonly LegacySession[] {
    return this.registry.all();
  }

  /** Calls that have no response yet, whether or not anybody waits for it. */
  get runningCalls(): number {
    return this.registry.runningCalls;
  }

  /** Serves a request, or returns undefined for one that is none of a session. */
  async fetch(
    request: Request,
    options: McpHandlerRequestOptions,
  ): Promise<Response | undefined> {
    const id = request.headers.get('mcp-session-id');
    if (request.method !== 'POST') {
      return id === null ? undefined : this.resume(id, request);
    }
    const parsedBody = await bodyOf(request, options);
    const begins = isInitializeRequest(parsedBody);
    if (
      (id === null && !begins && !this.settings.required) ||
      !isLegacy(request, parsedBody)
    ) {
      return undefined;
    }
    if (id !== null) {
      return this.serve(id, request, parsedBody);
    }
    return begins ? this.begin(request, parsedBody) : sessionRequired();
  }

  /** A session of the current caller that another transport serves, or why there is no room for it. */
  admit(): LegacySession | Overload {
    const caller = this.caller();
    const overload = this.registry.makeRoom(caller);
    return overload ?? this.add(randomUUID(), caller);
  }

  /** A session of {@link admit} that belongs to the current caller. */
  findOwn(id: string): LegacySession | undefined {
    const caller = this.caller();
    const session = this.registry.find(id, caller.owner);
    if (!session || this.served.has(session)) {
      return undefined;
    }
    session.token = caller.token;
    this.registry.use(session);
    return session;
  }

  /** Forgets a session of {@link admit}. */
  dismiss(session: LegacySession): void {
    this.registry.remove(session);
  }

  /** Ends every session, and every stream that is followed. */
  async close(): Promise<void> {
    this.registry.stop();
    this.followed.close();
    await Promise.all(
      this.registry
        .all()
        .map(({ server }) => server.close().catch(() => undefined)),
    );
  }

  private async begin(
    request: Request,
    parsedBody: unknown,
  ): Promise<Response> {
    const caller = this.caller();
    const overload = this.registry.makeRoom(caller);
    if (overload) {
      return noRoom(overload);
    }
    const served = this.open(caller);
    const { session, transport } = served;
    try {
      await session.server.connect(transport);
      await this.keeper.keep(session);
      const response = await this.handle(served, request, parsedBody);
      if (!response.ok) {
        await session.server.close();
      }
      return response;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  private open(caller: SessionCaller): Served {
    const id = randomUUID();
    const events = this.keeper.eventsOf(id);
    const session = this.add(id, caller);
    const transport = new SessionTransport(
      id,
      events,
      this.settings.retryInterval,
      () => {
        this.registry.remove(session);
        void this.keeper.forget(id);
      },
    );
    transport.watcher = session;
    const served = { session, transport, events };
    this.served.set(session, served);
    return served;
  }

  private add(id: string, caller: SessionCaller): LegacySession {
    const session = new LegacySession(id, this.surroundings.create(), caller);
    holdToken(session.server, session);
    this.registry.add(session);
    return session;
  }

  private async serve(
    id: string,
    request: Request,
    parsedBody: unknown,
  ): Promise<Response> {
    const served = this.find(id, this.caller());
    return served
      ? this.handle(served, request, parsedBody)
      : sessionNotFound();
  }

  /** GET and DELETE. */
  private async resume(id: string, request: Request): Promise<Response> {
    const caller = this.caller();
    const served = this.find(id, caller);
    const after =
      request.method === 'GET' ? request.headers.get('last-event-id') : null;
    if (served) {
      return after === null || (await served.events.knows(after))
        ? this.handle(served, request)
        : sessionNotFound();
    }
    return after !== null && SESSION_ID.test(id)
      ? this.followed.follow(id, after, caller, request)
      : sessionNotFound();
  }

  private async handle(
    { session, transport }: Served,
    request: Request,
    parsedBody?: unknown,
  ): Promise<Response> {
    const ids = requestIdsOf(parsedBody);
    if (!session.reserve(ids)) {
      return idInUse(parsedBody);
    }
    const end = session.begin();
    this.registry.use(session);
    try {
      const response = await transport.handleRequest(request, {
        ...(parsedBody !== undefined && { parsedBody }),
      });
      if (!response.ok) {
        session.release(ids);
      } else if (
        request.method === 'GET' &&
        !request.headers.has('last-event-id')
      ) {
        transport.listening = currentExchange();
      }
      return endingWith(response, request.signal, end);
    } catch (error) {
      session.release(ids);
      end();
      throw error;
    }
  }

  private find(
    id: string,
    { owner, token }: SessionCaller,
  ): Served | undefined {
    const session = this.registry.find(id, owner);
    if (session) {
      session.token = token;
    }
    return session && this.served.get(session);
  }

  private caller(): SessionCaller {
    return currentCaller(this.surroundings.server());
  }
}
