import type { Provider } from '@nestjs/common';
import { CallAccess } from './calls/call-access.js';
import { CallRefusal } from './calls/call-refusal.js';
import { CallRunner } from './calls/call.runner.js';
import { Pages } from './calls/visible-list.js';
import { ClientLinkFactory } from './client-link/client-link.factory.js';
import { FastPath } from './direct/fast-path.js';
import { CacheHints } from './features/cache-hints.js';
import { featureProviders } from './features/server-features.js';
import { SubscriptionLimit } from './features/subscription.limit.js';
import { EndpointAccess } from './http/endpoint.access.js';
import { EndpointNeighbours } from './http/endpoint.neighbours.js';
import { McpEndpoint } from './http/mcp.endpoint.js';
import { EventAudience } from './list-changes/event.audience.js';
import { ServerEvents } from './list-changes/server-events.js';
import { McpServerFactory } from './sdk-server/mcp-server.factory.js';
import { ParamHeaders } from './sdk-server/param-headers.js';

/** The providers of the endpoint and of the protocol it speaks. */
export const transportProviders: readonly Provider[] = [
  CacheHints,
  CallAccess,
  CallRefusal,
  CallRunner,
  ClientLinkFactory,
  EndpointAccess,
  EndpointNeighbours,
  EventAudience,
  FastPath,
  ...featureProviders,
  McpEndpoint,
  McpServerFactory,
  Pages,
  ParamHeaders,
  ServerEvents,
  SubscriptionLimit,
];
