import { Injectable } from '@nestjs/common';
import {
  ResourceNotFoundError,
  type Server,
  type ServerCapabilities,
} from '@modelcontextprotocol/server';
import type { AccessToken } from '../../auth/access-token.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import type { Operation } from '../../invocation/operation.interface.js';
import { ResourceCatalog } from '../../resources/resource.catalog.js';
import { EventAudience } from '../events/event.audience.js';
import type { McpServerEvent } from '../events/server-event-bus.js';
import { ServerEvents } from '../events/server-events.js';
import { SessionSubscriptions } from '../subscriptions/session.subscriptions.js';
import {
  type TokenHolder,
  tokenHolderOf,
} from '../subscriptions/session-token.js';
import { currentExchange } from '../exchange.js';
import { READY } from '../streams/outlet.js';
import { SubscriptionLimit } from '../subscriptions/subscription.limit.js';
import { whileConnected } from '../subscriptions/while-connected.js';
import type { ServedUnit, ServerFeature } from './server-feature.js';

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

  /** That there is something to install; the features of each kind declare it in full. */
  capabilities({ hasSession }: ServedUnit): ServerCapabilities {
    return hasSession ? { tools: { listChanged: true } } : {};
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
  return currentExchange() ? undefined : tokenHolderOf(server);
}
