import type { Provider } from '@nestjs/common';
import { CacheHints } from './transport/cache-hints.js';
import { CallAccess } from './transport/call-access.js';
import { CallRefusal } from './transport/call-refusal.js';
import { CallRunner } from './transport/call.runner.js';
import { ChannelFactory } from './transport/channels/channel.factory.js';
import { EndpointAccess } from './transport/endpoint.access.js';
import { EndpointAddress } from './transport/endpoint.address.js';
import { EndpointNeighbours } from './transport/endpoint.neighbours.js';
import { EventAudience } from './transport/events/event.audience.js';
import { ServerEvents } from './transport/events/server-events.js';
import { FastPath } from './transport/fast-path/fast-path.js';
import { featureProviders } from './transport/features/server-features.js';
import { LocalCalls } from './transport/local-calls.js';
import { McpEndpoint } from './transport/mcp.endpoint.js';
import { McpServerFactory } from './transport/mcp-server.factory.js';
import { Pages } from './transport/pages.js';
import { ParamHeaders } from './transport/param-headers.js';
import { SubscriptionLimit } from './transport/subscriptions/subscription.limit.js';

/** The providers of the endpoint and of the protocol it speaks. */
export const transportProviders: readonly Provider[] = [
  CacheHints,
  CallAccess,
  CallRefusal,
  CallRunner,
  ChannelFactory,
  EndpointAccess,
  EndpointAddress,
  EndpointNeighbours,
  EventAudience,
  FastPath,
  ...featureProviders,
  LocalCalls,
  McpEndpoint,
  McpServerFactory,
  Pages,
  ParamHeaders,
  ServerEvents,
  SubscriptionLimit,
];
