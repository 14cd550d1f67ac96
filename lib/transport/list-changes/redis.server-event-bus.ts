import {
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { checkOptions } from '../../options/option-keys.js';
import {
  REDIS_KEYS,
  type RedisClient,
  RedisCommands,
  type RedisOptions,
  type RedisSubscriber,
  withTimeLimit,
} from '../../redis/redis-client.js';
import {
  type McpServerEvent,
  type McpSessionEvent,
  MemoryServerEventBus,
  ServerEventBus,
} from './server-event-bus.js';

/** Settings of {@link RedisServerEventBus}. @publicApi */
export interface RedisServerEventBusOptions extends RedisOptions {
  /** Put before the name of the channel; the same on every instance. @default `'mcp:'` */
  readonly keyPrefix?: string;
}

/** What goes through Redis. */
interface Envelope {
  /** Who published it: that instance has heard it already. */
  readonly origin: string;
  readonly event: McpServerEvent | McpSessionEvent;
}

const KINDS: readonly unknown[] = [
  'tools_list_changed',
  'prompts_list_changed',
  'resources_list_changed',
  'resource_updated',
  'session_changed',
];

/**
 * Reaches the listeners of every instance, through a channel of Redis. Its own
 * listeners hear an event at once, and of no outage: while Redis is away,
 * those of other instances miss what is published, as Redis keeps nothing.
 *
 * ```ts
 * const client = await createClient({ url }).connect();
 * { provide: ServerEventBus, useValue: new RedisServerEventBus({ client }) }
 * ```
 *
 * @publicApi
 */
export class RedisServerEventBus
  extends ServerEventBus
  implements OnApplicationBootstrap, OnApplicationShutdown
{
  private readonly logger = new Logger('RedisServerEventBus');
  private readonly origin = randomUUID();
  private readonly local = new MemoryServerEventBus();
  private readonly commands: RedisCommands;
  private readonly client: RedisClient;
  private readonly channel: string;
  private subscriber: RedisSubscriber | undefined;
  private started: Promise<void> | undefined;
  private isDown = false;

  /** @throws Error without a client */
  constructor(options: RedisServerEventBusOptions) {
    super();
    checkOptions('new RedisServerEventBus(…)', options, REDIS_KEYS);
    const { client, keyPrefix = 'mcp:', timeout } = options;
    this.commands = new RedisCommands('RedisServerEventBus', client, timeout);
    this.client = client;
    this.channel = `${keyPrefix}events`;
  }

  publish(event: McpServerEvent | McpSessionEvent): void {
    this.local.publish(event);
    const envelope: Envelope = { origin: this.origin, event };
    // A client that was closed throws where it should reject.
    Promise.resolve()
      .then(() =>
        this.commands.send((client) =>
          client.publish(this.channel, JSON.stringify(envelope)),
        ),
      )
      .then(
        () => (this.isDown = false),
        (error: Error) => this.report(error.message),
      );
  }

  subscribe(
    listener: (event: McpServerEvent | McpSessionEvent) => void,
  ): () => void {
    void this.start();
    return this.local.subscribe(listener);
  }

  /** Waits for the subscription a little; the client keeps trying after that. */
  async onApplicationBootstrap(): Promise<void> {
    const { timeout } = this.commands;
    await withTimeLimit(
      this.start(),
      timeout,
      `no answer in ${timeout} ms`,
    ).catch((error: Error) => this.report(error.message));
  }

  onApplicationShutdown(): void {
    const { subscriber } = this;
    this.subscriber = undefined;
    this.started = Promise.resolve();
    try {
      subscriber?.destroy();
    } catch {
      // It was never connected.
    }
  }

  /** Begins to listen to the other instances; never rejects. */
  private start(): Promise<void> {
    return (this.started ??= this.listen().catch((error: Error) =>
      this.report(error.message),
    ));
  }

  private async listen(): Promise<void> {
    const subscriber = this.client.duplicate();
    this.subscriber = subscriber;
    // Without a listener, Node ends the process.
    subscriber.on('error', (error) => this.report(error.message));
    subscriber.on('ready', () => (this.isDown = false));
    await subscriber.connect();
    await subscriber.subscribe(this.channel, (message) =>
      this.receive(String(message)),
    );
  }

  private receive(message: string): void {
    const envelope = parse(message);
    if (envelope && envelope.origin !== this.origin) {
      this.local.publish(envelope.event);
    }
  }

  /** One line for each outage. */
  private report(reason: string): void {
    if (!this.isDown) {
      this.isDown = true;
      this.logger.error(
        `Other instances are not told, or not heard, of what changes: ${reason}`,
      );
    }
  }
}

/** Undefined for what is none of ours: anybody who reaches Redis may write to the channel. */
function parse(message: string): Envelope | undefined {
  try {
    const { origin, event } = (JSON.parse(message) ?? {}) as Partial<Envelope>;
    return typeof origin === 'string' && isEvent(event)
      ? { origin, event }
      : undefined;
  } catch {
    return undefined;
  }
}

function isEvent(value: unknown): value is Envelope['event'] {
  const { kind, uri, names, server, session, from, after } = (value ??
    {}) as Record<string, unknown>;
  return (
    KINDS.includes(kind) &&
    (kind !== 'resource_updated' || isText(uri)) &&
    (kind !== 'session_changed' || (isText(session) && isText(from))) &&
    (after === undefined || isText(after)) &&
    (names === undefined || (Array.isArray(names) && names.every(isText))) &&
    (server === undefined || isText(server))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
