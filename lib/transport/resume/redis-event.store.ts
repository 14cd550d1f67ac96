import { createHash } from 'node:crypto';
import type { RedisCommands } from '../../redis/redis-client.js';
import { EventSizes } from './event-sizes.js';
import { EventStore, type StreamReplay } from './event.store.js';
import { SessionSealer } from './session.sealer.js';
import {
  type RedisEventStoreOptions,
  resolveRedisEvents,
} from './redis-event.options.js';

/**
 * An id of Redis, which two sessions may have alike in the same millisecond,
 * and the beginning of the session's, which makes it an event's.
 */
const EVENT_ID = /^(\d{1,20}-\d{1,20})\.(.{1,8})$/;

/** An event as it is sealed. */
interface SealedEvent {
  readonly stream: string;
  readonly message: unknown;
}

/** An entry of a session's state, likewise. */
interface Entry {
  readonly name: string;
  readonly value: unknown;
}

interface OpenedEvent extends SealedEvent {
  /** Id of the entry in Redis. */
  readonly position: string;
}

/**
 * Keeps sessions and their events in Redis 5 or newer, for several instances of
 * the application: any of them serves any session, and a stream that broke on
 * one is resumed on another. Each session has a Redis stream of a limited
 * length, a key that tells its owner, and a hash of its state. All of it is
 * encrypted. Where a limit is reached, the events of sessions that
 * have been silent for longest give way, then the oldest of the session; a
 * client that asks for what came after one of them is told that its session is
 * gone.
 *
 * @example
 * ```ts
 * { provide: EventStore, useFactory: async () =>
 *     new RedisEventStore({
 *       client: await createClient({ url }).connect(),
 *       secrets: [process.env.MCP_SECRET],
 *     }) }
 * ```
 * @publicApi
 */
export class RedisEventStore extends EventStore {
  readonly #redis: RedisCommands;
  readonly #prefix: string;
  readonly #sealer: SessionSealer;
  readonly #sizes: EventSizes;
  readonly #maxEvents: number;
  readonly #lifetime: number;

  /** @throws Error where an option is not what it should be */
  constructor(options: RedisEventStoreOptions) {
    super();
    const { commands, keyPrefix, secrets, limits, lifetime } =
      resolveRedisEvents(options);
    this.#redis = commands;
    this.#prefix = keyPrefix;
    this.#sealer = new SessionSealer(secrets);
    this.#maxEvents = limits.maxEvents;
    this.#sizes = new EventSizes(limits, lifetime);
    this.#lifetime = lifetime;
  }

  override get isShared(): boolean {
    return true;
  }

  override async keep(
    session: string,
    owner: string,
    lifetime: number,
  ): Promise<void> {
    this.#sizes.own(session, owner);
    const value = await this.#sealer.seal('owner', session, owner);
    await this.#redis.send((client) =>
      Promise.all([
        client.set(this.ownerKey(session), value, {
          expiration: { type: 'PX', value: Math.ceil(lifetime) },
        }),
        client.pExpire(this.stateKey(session), Math.ceil(lifetime)),
      ]),
    );
  }

  override async ownerOf(session: string): Promise<string | undefined> {
    const sealed = await this.#redis.send((client) =>
      client.get(this.ownerKey(session)),
    );
    return (await this.open('owner', session, sealed)) as string | undefined;
  }

  override async setState(
    session: string,
    name: string,
    value: unknown,
    lifetime: number,
  ): Promise<void> {
    const key = this.stateKey(session);
    const field = fieldOf(name);
    const sealed = await this.#sealer.seal('state', session, { name, value });
    await this.#redis.send((client) =>
      Promise.all([
        value === undefined
          ? client.hDel(key, [field])
          : client.hSet(key, field, sealed),
        client.pExpire(key, Math.ceil(lifetime)),
      ]),
    );
  }

  override async stateOf(
    session: string,
  ): Promise<ReadonlyMap<string, unknown>> {
    const fields = await this.#redis.send((client) =>
      client.hGetAll(this.stateKey(session)),
    );
    const state = new Map<string, unknown>();
    for (const [field, sealed] of Object.entries(fields)) {
      const entry = (await this.open('state', session, sealed)) as
        Entry | undefined;
      if (entry && fieldOf(entry.name) === field) {
        state.set(entry.name, entry.value);
      }
    }
    return state;
  }

  override async append(
    session: string,
    stream: string,
    message: unknown,
  ): Promise<string> {
    const key = this.eventsKey(session);
    const sealed: SealedEvent = { stream, message };
    const event = await this.#sealer.seal('events', session, sealed);
    const [added] = await this.#redis.send((client) =>
      Promise.all([
        client.xAdd(
          key,
          '*',
          { event },
          {
            TRIM: {
              strategy: 'MAXLEN',
              strategyModifier: '=',
              threshold: this.#maxEvents,
            },
          },
        ),
        client.pExpire(key, this.#lifetime),
      ]),
    );
    const id = toText(added);
    const owner = this.#sizes.isOwned(session)
      ? undefined
      : await this.ownerOf(session);
    if (owner !== undefined) {
      this.#sizes.own(session, owner);
    }
    const surplus = this.#sizes.add(session, { id, bytes: event.length });
    if (surplus.length > 0) {
      await this.#redis.send((client) =>
        Promise.all(
          surplus.map((one) =>
            client.xDel(this.eventsKey(one.session), [...one.ids]),
          ),
        ),
      );
    }
    return eventId(session, id);
  }

  override async replay(
    session: string,
    after: string,
    stream?: string,
  ): Promise<StreamReplay | undefined> {
    const [, start, owner] = EVENT_ID.exec(after) ?? [];
    if (start === undefined || owner !== beginningOf(session)) {
      return undefined;
    }
    const entries =
      (await this.#redis.send((client) =>
        client.xRange(this.eventsKey(session), start, '+'),
      )) ?? [];
    const opened: OpenedEvent[] = [];
    for (const { id, message } of entries) {
      const event = (await this.open('events', session, message.event)) as
        SealedEvent | undefined;
      if (event) {
        opened.push({ ...event, position: toText(id) });
      }
    }
    const [first, ...rest] = opened;
    const isThere = first?.position === start;
    const name = stream ?? (isThere ? first?.stream : undefined);
    if (name === undefined) {
      return undefined;
    }
    return {
      stream: name,
      events: (isThere ? rest : opened)
        .filter((event) => event.stream === name)
        .map(({ position, message }) => ({
          id: eventId(session, position),
          message,
        })),
      position: eventId(session, entries.at(-1)?.id ?? start),
    };
  }

  override async forget(session: string): Promise<void> {
    this.#sizes.forget(session);
    // One by one: in a cluster the keys may be on different nodes.
    await this.#redis.send((client) =>
      Promise.all([
        client.del([this.ownerKey(session)]),
        client.del([this.stateKey(session)]),
        client.del([this.eventsKey(session)]),
      ]),
    );
  }

  /** Undefined for what is not there, or was not sealed for this. */
  private open(
    purpose: 'owner' | 'state' | 'events',
    session: string,
    sealed: unknown,
  ): Promise<unknown> {
    return sealed === undefined || sealed === null
      ? Promise.resolve(undefined)
      : this.#sealer.open(purpose, session, toText(sealed));
  }

  private ownerKey(session: string): string {
    return `${this.#prefix}${session}:owner`;
  }

  private stateKey(session: string): string {
    return `${this.#prefix}${session}:state`;
  }

  private eventsKey(session: string): string {
    return `${this.#prefix}${session}`;
  }
}

function eventId(session: string, entry: unknown): string {
  return `${toText(entry)}.${beginningOf(session)}`;
}

function beginningOf(session: string): string {
  return session.slice(0, 8);
}

/** Tells nothing of the name, which may be the URI of a resource. */
function fieldOf(name: string): string {
  return createHash('sha256').update(name).digest('base64url');
}

/** A client may have been told to return buffers. */
function toText(reply: unknown): string {
  return typeof reply === 'string' ? reply : (reply as Buffer).toString();
}
