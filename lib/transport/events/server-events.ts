import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { AccessToken } from '../../auth/access-token.js';
import { findContract } from '../../nest/contracts.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import { SERVER_SETTINGS, type ServerSettings } from '../../server-settings.js';
import { currentExchange } from '../exchange.js';
import { READY } from '../streams/outlet.js';
import { EventAudience } from './event.audience.js';
import { EventSubscriber } from './event.subscriber.js';
import { MemoryServerEventBus } from './memory.server-event-bus.js';
import { type McpServerEvent, ServerEventBus } from './server-event-bus.js';

/** How one listens. */
export interface Listening {
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
export class ServerEvents implements ServerEventBus, OnModuleInit {
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
      const { server = this.server } = event;
      if (server === this.server && wants(event)) {
        subscriber.hear(event);
      }
    });
    return () => {
      subscriber.end();
      stop();
    };
  }

  /** Looked up when first used, as the application's modules may come after ours. */
  private get current(): ServerEventBus {
    return (this.bus ??=
      findContract(this.modules, ServerEventBus) ?? new MemoryServerEventBus());
  }
}

function currentDrain(): () => Promise<void> {
  const exchange = currentExchange();
  return () => exchange?.outlet?.drained() ?? READY;
}

function currentCaller(): () => AccessToken | null {
  const token = getAccessToken();
  return () => token;
}
