import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../../auth/token/access-token.js';
import { findContract } from '../../nest/contracts.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import { currentRequest } from '../request/endpoint-request.js';
import { READY } from '../streams/event-stream.js';
import { EventAudience } from './event.audience.js';
import { EventSubscriber } from './event.subscriber.js';
import { MemoryServerEventBus } from './server-event-bus.js';
import {
  type McpServerEvent,
  type McpSessionEvent,
  ServerEventBus,
} from './server-event-bus.js';

/** How one listens. */
interface Listening {
  /** Who listens, by the latest token. @default whoever sends the request being served */
  readonly caller?: () => AccessToken | null;
  /** What is worth asking whether the caller may know of it. @default everything */
  readonly wants?: (event: McpServerEvent) => boolean;
  /** Resolves when the listener has time for more. @default when the stream has that answers the request being served */
  readonly drained?: () => Promise<void>;
}

/**
 * What happens on one server: published on the bus of the application, or one
 * of its own, and heard by those who may know of it.
 */
@Injectable()
export class ServerEvents implements OnModuleInit {
  private bus: ServerEventBus | undefined;
  /** The same on every instance, and no other server's. */
  private readonly server: string;

  constructor(
    private readonly modules: ModuleRef,
    private readonly audience: EventAudience,
    @Inject(SERVER_SETTINGS)
    { name, path, useGlobalPrefix }: ServerSettings,
  ) {
    this.server = JSON.stringify([name, path, useGlobalPrefix]);
  }

  /** @throws Error where the application's bus cannot be */
  onModuleInit(): void {
    void this.current;
  }

  publish(event: McpServerEvent): void {
    this.current.publish({ ...event, server: this.server });
  }

  subscribe(
    listener: (event: McpServerEvent) => void,
    {
      caller = currentCaller(),
      wants = () => true,
      drained = currentDrain(),
    }: Listening = {},
  ): () => void {
    const subscriber = new EventSubscriber(
      listener,
      caller,
      this.audience,
      drained,
    );
    const stop = this.current.subscribe((event) => {
      if (
        this.isOurs(event) &&
        event.kind !== 'session_changed' &&
        wants(event)
      ) {
        subscriber.hear(event);
      }
    });
    return () => {
      subscriber.end();
      stop();
    };
  }

  /** Whether other instances can hear, as far as that can be told. */
  get reachesOthers(): boolean {
    return !(this.current instanceof MemoryServerEventBus);
  }

  /** Tells the other instances where to look. */
  publishSession(event: Omit<McpSessionEvent, 'kind' | 'server'>): void {
    const { server } = this;
    this.current.publish({ ...event, kind: 'session_changed', server });
  }

  /** What other instances say, and this one. */
  subscribeSessions(listener: (event: McpSessionEvent) => void): () => void {
    return this.current.subscribe((event) => {
      if (event.kind === 'session_changed' && this.isOurs(event)) {
        listener(event);
      }
    });
  }

  private isOurs({ server = this.server }: { server?: string }): boolean {
    return server === this.server;
  }

  /** Looked up when first used, as the application's modules may come after ours. */
  private get current(): ServerEventBus {
    return (this.bus ??=
      findContract(this.modules, ServerEventBus, ['publish', 'subscribe']) ??
      new MemoryServerEventBus());
  }
}

function currentDrain(): () => Promise<void> {
  const exchange = currentRequest();
  return () => exchange?.outlet?.drained() ?? READY;
}

function currentCaller(): () => AccessToken | null {
  const token = getAccessToken();
  return () => token;
}
