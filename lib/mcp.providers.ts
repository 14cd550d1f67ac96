import type { Provider, Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { TokenIssuers } from './auth/issuer/token-issuers.js';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import { CompletionRegistry } from './completions/completion.registry.js';
import { MCP_MODULE_OPTIONS } from './mcp.module-definition.js';
import { hasGuards } from './nest/controller-guards.js';
import { PromptRegistry } from './prompts/prompt.registry.js';
import { OperationLoader } from './registry/operation.loader.js';
import { Invokers } from './invocation/invokers.js';
import { InProcessCalls } from './registry/in-process-calls.js';
import { ResourceCatalog } from './resources/resource.catalog.js';
import { ResourceExplorer } from './resources/resource.factory.js';
import { ResourceRegistry } from './resources/resource.registry.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { McpServerInstance } from './server/mcp-server-instance.js';
import { CallAccess } from './transport/calls/call-access.js';
import { CallRefusal } from './transport/calls/call-refusal.js';
import { CallRunner } from './transport/calls/call.runner.js';
import { Pages } from './transport/calls/visible-list.js';
import { ClientLinkFactory } from './transport/client-link/client-link.factory.js';
import { FastPath } from './transport/direct/fast-path.js';
import { CacheHints } from './transport/features/cache-hints.js';
import { featureProviders } from './transport/features/server-features.js';
import { SubscriptionLimit } from './transport/features/subscription.limit.js';
import { EndpointAccess } from './transport/http/endpoint.access.js';
import { EndpointNeighbours } from './transport/http/endpoint.neighbours.js';
import type { McpController } from './transport/http/mcp.controller.js';
import { McpEndpoint } from './transport/http/mcp.endpoint.js';
import { EventAudience } from './transport/list-changes/event.audience.js';
import { ServerEvents } from './transport/list-changes/server-events.js';
import { McpServerFactory } from './transport/sdk-server/mcp-server.factory.js';
import { ParamHeaders } from './transport/sdk-server/param-headers.js';

/** The providers of who may come in at the endpoint of one server. */
export const authProviders = (
  endpoint: Type<McpController>,
): readonly Provider[] => [
  {
    provide: ServerAuth,
    useFactory: (
      { auth }: McpModuleOptions,
      server: McpServerInstance,
      adapterHost: HttpAdapterHost,
      modules: ModuleRef,
      config: ApplicationConfig,
      issuers: TokenIssuers,
    ) =>
      ServerAuth.create(
        auth,
        {
          name: server.title,
          endpointPath: () => server.path,
          adapterHost,
          modules,
          isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
        },
        issuers,
      ),
    inject: [
      MCP_MODULE_OPTIONS,
      McpServerInstance,
      HttpAdapterHost,
      ModuleRef,
      ApplicationConfig,
      TokenIssuers,
    ],
  },
  {
    provide: ENDPOINT_RESOURCE,
    useFactory: (
      auth: ServerAuth,
      operations: EndpointAccess,
      { name }: McpServerInstance,
    ): ProtectedResource => ({ auth, operations, endpoint, name }),
    inject: [ServerAuth, EndpointAccess, McpServerInstance],
  },
];

/** The providers of what a server offers. */
export const contentProviders: readonly Provider[] = [
  CompletionRegistry,
  Invokers,
  OperationLoader,
  PromptRegistry,
  ResourceCatalog,
  ResourceExplorer,
  ResourceRegistry,
];

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
  InProcessCalls,
  McpEndpoint,
  McpServerFactory,
  McpServerInstance,
  Pages,
  ParamHeaders,
  ServerEvents,
  SubscriptionLimit,
];
