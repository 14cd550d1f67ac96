import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { Server } from '@modelcontextprotocol/server';
import type { EventStore } from '../resume/event.store.js';
import { holdToken, type SessionCaller } from '../request/session-caller.js';
import { LegacySession } from './legacy-session.js';
import { ServedSession } from './served.session.js';
import {
  noRoom,
  sessionNotFound,
  storeUnavailable,
  type Overload,
} from '../request/request-refusals.js';
import type { SessionSettings } from './session-settings.js';
import { SessionKeeper } from './session.keeper.js';
import { SessionRegistry } from './session.registry.js';
import { type SessionNews, SessionRelay } from './session.relay.js';
import { SessionTransport } from './session.transport.js';

/** What the sessions of one server need around them. */
export interface SessionDependencies {
  /** Name of the server, the same on all instances. */
  readonly server: () => string;
  /** Makes the SDK's server of a session. */
  readonly create: () => Server;
  readonly store: () => EventStore;
  /** By which instances that share the store hear of each other. */
  readonly news: SessionNews;
}

/** The form of the ids that are given out; nothing else is looked up. */
export const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The sessions that this instance serves, and those it takes up: of another
 * instance, or of itself before it was restarted.
 */
export class SessionDirectory {
  readonly relay: SessionRelay;
  /** How ids begin that are given out here. */
  private readonly mark = randomUUID().slice(0, 8);
  private hasTold = false;
  readonly keeper: SessionKeeper;
  readonly registry: SessionRegistry;
  private readonly served = new WeakMap<LegacySession, ServedSession>();
  /** Sessions that are being taken up, by owner and id. */
  private readonly taking = new Map<
    string,
    Promise<ServedSession | Overload | undefined>
  >();

  constructor(
    private readonly settings: SessionSettings,
    private readonly surroundings: SessionDependencies,
  ) {
    const { store, news } = surroundings;
    this.relay = new SessionRelay(store, news);
    this.keeper = new SessionKeeper(
      store,
      this.relay.instance,
      settings.idleTimeout,
    );
    this.registry = new SessionRegistry(
      settings,
      (session) => void session.server.close().catch(() => undefined),
      (session) => {
        const served = this.served.get(session);
        void (served && this.keeper.keep(session, served.state));
      },
    );
  }

  /** Listens to other instances where there can be any; once the store and the bus are known. */
  start(): void {
    if (!this.relay.isShared) {
      return;
    }
    if (!this.surroundings.news.reachesOthers) {
      new Logger('McpSessions').warn(
        'The EventStore is shared between instances, and the ServerEventBus is not: ' +
          'what a client answers or cancels at another instance than its call is on ' +
          'is lost. Provide a RedisServerEventBus.',
      );
    }
    this.relay.listen((id, after) => {
      const session = this.registry.get(id);
      (session && this.served.get(session))?.hear(after);
    });
  }

  close(): void {
    this.relay.close();
    this.registry.stop();
  }

  /** An id for a new session. */
  createId(): string {
    return this.mark + randomUUID().slice(this.mark.length);
  }

  /**
   * Whether a session ended with an earlier process, and its client is served
   * on without one: only while developing, where the application is restarted at
   * each save and clients do not begin anew. Whoever sends an id gets no more by
   * it than without one.
   */
  isOutlived(id: string): boolean {
    const isOutlived =
      isDeveloping() &&
      !this.settings.required &&
      !this.relay.isShared &&
      SESSION_ID.test(id) &&
      !id.startsWith(this.mark);
    if (isOutlived && !this.hasTold) {
      this.hasTold = true;
      new Logger('McpSessions').log(
        'A client goes on with a session of before the restart, and is served ' +
          'without one: questions and notifications reach it when it connects ' +
          'again. Where NODE_ENV is "production", the answer is 404.',
      );
    }
    return isOutlived;
  }

  /** A session that another transport serves. */
  add(id: string, caller: SessionCaller): LegacySession {
    const session = new LegacySession(id, this.surroundings.create(), caller);
    holdToken(session.server, session);
    this.registry.add(session);
    return session;
  }

  /** Whether another transport than {@link SessionTransport} serves a session. */
  isForeign(session: LegacySession): boolean {
    return !this.served.has(session);
  }

  /** Makes what serves a session; nothing is connected yet. */
  open(id: string, caller: SessionCaller): ServedSession {
    const { keeper, relay } = this;
    const events = keeper.eventsOf(id);
    const session = this.add(id, caller);
    const transport = new SessionTransport(
      id,
      events,
      this.settings.retryInterval,
      {
        // First, so that no instance takes it up again that is told of it.
        onDelete: async () => {
          await keeper.forget(id);
          if (relay.isShared) {
            relay.changed(id);
          }
        },
        onClosed: () => {
          this.registry.remove(session);
          if (!relay.isShared) {
            void keeper.forget(id);
          }
        },
      },
    );
    transport.watcher = session;
    const served = new ServedSession(session, transport, events, keeper, relay);
    this.served.set(session, served);
    return served;
  }

  /** The session for its owner, and why there is none for others. */
  async find(
    id: string,
    caller: SessionCaller,
  ): Promise<ServedSession | Response> {
    const known = this.known(id, caller);
    if (known) {
      await known.catchUp();
      return this.known(id, caller) ?? sessionNotFound();
    }
    if (!SESSION_ID.test(id) || !this.relay.isShared) {
      return sessionNotFound();
    }
    const key = `${caller.owner} ${id}`;
    let taking = this.taking.get(key);
    if (!taking) {
      taking = this.takeUp(id, caller);
      this.taking.set(key, taking);
    }
    try {
      const taken = await taking;
      return taken instanceof ServedSession
        ? (this.known(id, caller) ?? sessionNotFound())
        : taken
          ? noRoom(taken)
          : sessionNotFound();
    } catch (error) {
      this.keeper.report('give a session', error);
      return storeUnavailable();
    } finally {
      this.taking.delete(key);
    }
  }

  private known(
    id: string,
    { owner, token }: SessionCaller,
  ): ServedSession | undefined {
    const session = this.registry.find(id, owner);
    if (session) {
      session.token = token;
    }
    return session && this.served.get(session);
  }

  /** Serves a session from now on that another instance has begun, or this one before it was restarted. */
  private async takeUp(
    id: string,
    caller: SessionCaller,
  ): Promise<ServedSession | Overload | undefined> {
    if ((await this.keeper.ownerOf(id)) !== caller.owner) {
      return undefined;
    }
    const overload = this.registry.makeRoom(caller);
    if (overload) {
      return overload;
    }
    const served = this.open(id, caller);
    try {
      await served.takeUp();
      await this.keeper.keep(served.session, served.state);
    } catch (error) {
      await served.transport.close();
      throw error;
    }
    return served;
  }
}

/** As Express has it: where NODE_ENV is not set, too. */
function isDeveloping(): boolean {
  return (process.env.NODE_ENV ?? 'development') === 'development';
}
