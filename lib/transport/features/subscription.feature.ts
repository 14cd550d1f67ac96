import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import { Injectable } from '@nestjs/common';
import { getAccessToken } from '../../auth/context/request-context.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import type { Operation } from '../../invocation/call-result.js';
import { ResourceCatalog } from '../../resources/resource.catalog.js';
import { EventAudience } from '../list-changes/event.audience.js';
import type { McpServerEvent } from '../list-changes/server-event-bus.js';
import { ServerEvents } from '../list-changes/server-events.js';
import { currentRequest } from '../request/endpoint-request.js';
import { type TokenHolder, tokenHolderOf } from '../request/session-caller.js';
import { READY } from '../streams/event-stream.js';
import type { ServedUnit, ServerFeature } from './server-feature.js';
import { LIMIT_REACHED, SubscriptionLimit } from './subscription.limit.js';

/** What goes along with a connection. */
interface Companion {
  /** Called with each message of the client, before it is served. */
  onMessage(): void;
  /** Called when the connection is over, for whatever reason. */
  onClose(): void;
}

/**
 * Has something last as long as the connection of a server, whatever its
 * `onclose` and `oninitialized` are set to; nothing begins for a server that is
 * never connected.
 */
function whileConnected(server: Server, begin: () => Companion): void {
  const connect = server.connect.bind(server);
  server.connect = async (transport) => {
    await connect(transport);
    const companion = begin();
    const { onmessage, onclose } = transport;
    transport.onmessage = (message, extra) => {
      companion.onMessage();
      onmessage?.(message, extra);
    };
    transport.onclose = () => {
      companion.onClose();
      onclose?.();
    };
  };
}

/** Resources that one session may be told of. */
const MAX_URIS = 100;

/**
 * What the client of one session is told without having asked: that lists have
 * changed, and resources that it has subscribed to (MCP 2025-11-25, Resources,
 * "Subscriptions").
 */
class SessionSubscriptions {
  private readonly uris = new Set<string>();
  private giveBack: (() => void) | undefined;

  /** @param take counts this session among those of its caller; undefined where there are too many */
  constructor(
    private readonly server: Server,
    private readonly take: () => (() => void) | undefined,
  ) {}

  /** @throws ProtocolError -32603 where there are too many */
  add(uri: string): void {
    if (this.uris.has(uri)) {
      return;
    }
    this.giveBack ??= this.take();
    if (!this.giveBack || this.uris.size >= MAX_URIS) {
      throw new ProtocolError(ProtocolErrorCode.InternalError, LIMIT_REACHED);
    }
    this.uris.add(uri);
  }

  delete(uri: string): void {
    this.uris.delete(uri);
    if (this.uris.size === 0) {
      this.end();
    }
  }

  has(uri: string): boolean {
    return this.uris.has(uri);
  }

  end(): void {
    this.uris.clear();
    this.giveBack?.();
    this.giveBack = undefined;
  }

  /** Nobody waits for it, and where no stream is open it is kept or lost. */
  tell(event: McpServerEvent): void {
    this.send(event).catch(() => undefined);
  }

  private async send(event: McpServerEvent): Promise<void> {
    switch (event.kind) {
      case 'tools_list_changed':
        return this.server.sendToolListChanged();
      case 'prompts_list_changed':
        return this.server.sendPromptListChanged();
      case 'resources_list_changed':
        return this.server.sendResourceListChanged();
      default:
        return this.server.sendResourceUpdated({ uri: event.uri });
    }
  }
}

const METHODS: readonly unknown[] = [
  'resources/subscribe',
  'resources/unsubscribe',
];

/** A transport that knows whether its client reads. */
interface Paced {
  drained?(): Promise<void>;
}

/**
 * What the client of a session is told unasked, `resources/subscribe` and
 * `resources/unsubscribe` (MCP 2025-11-25, Resources, "Subscriptions"). Without
 * a session there is `subscriptions/listen`, which the SDK serves.
 */
@Injectable()
export class SubscriptionFeature implements ServerFeature {
  constructor(
    private readonly events: ServerEvents,
    private readonly audience: EventAudience,
    private readonly catalog: ResourceCatalog,
    private readonly limit: SubscriptionLimit,
  ) {}

  /** The features of each kind declare what of theirs is told. */
  capabilities({ hasSession }: ServedUnit): ServerCapabilities | undefined {
    return hasSession ? {} : undefined;
  }

  install(server: Server, { era }: ServedUnit): void {
    const subscriptions = new SessionSubscriptions(server, () =>
      // Its client is to learn of it, and begins another session.
      this.limit.take(
        () => void server.close().catch(() => undefined),
        absentHolderOf(server),
      ),
    );
    // In the 2026 era, the SDK chooses among what is sent by the client's filter.
    const wants = (event: McpServerEvent): boolean =>
      event.kind !== 'resource_updated' ||
      era === 'modern' ||
      subscriptions.has(event.uri);
    whileConnected(server, () => this.attend(server, subscriptions, wants));
    if (era === 'legacy' && server.getCapabilities().resources?.subscribe) {
      this.answer(server, subscriptions);
    }
  }

  operationOf(method: unknown, params: unknown): Operation | undefined {
    return METHODS.includes(method)
      ? this.catalog.find((params as { uri?: unknown } | null)?.uri)?.resource
      : undefined;
  }

  private attend(
    server: Server,
    subscriptions: SessionSubscriptions,
    wants: (event: McpServerEvent) => boolean,
  ): { onMessage(): void; onClose(): void } {
    const holder = tokenHolderOf(server);
    let latest: AccessToken | null = getAccessToken();
    const stop = this.events.subscribe((event) => subscriptions.tell(event), {
      caller: () => (holder ? holder.token : latest),
      wants,
      drained: () =>
        (server.transport as Paced | undefined)?.drained?.() ?? READY,
    });
    return {
      onMessage: () => {
        latest = getAccessToken();
      },
      onClose: () => {
        stop();
        subscriptions.end();
      },
    };
  }

  private answer(server: Server, subscriptions: SessionSubscriptions): void {
    server.setRequestHandler('resources/subscribe', async ({ params }) => {
      const { uri } = params;
      const absent = absentHolderOf(server);
      const mayRead = absent
        ? this.audience.includes(
            { kind: 'resource_updated', uri },
            absent.token,
          )
        : this.audience.reads(uri, getAccessToken());
      if (!(await mayRead)) {
        throw new ResourceNotFoundError(uri);
      }
      subscriptions.add(uri);
      return {};
    });
    server.setRequestHandler('resources/unsubscribe', ({ params }) => {
      subscriptions.delete(params.uri);
      return {};
    });
  }
}

/** The caller of a session where no request of it is served: it has asked another instance. */
function absentHolderOf(server: Server): TokenHolder | undefined {
  return currentRequest() ? undefined : tokenHolderOf(server);
}
