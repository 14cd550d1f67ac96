import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import { McpAuthModule } from './auth/mcp-auth.module.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import { CompletionFactory } from './completions/completion.factory.js';
import { CompletionRegistry } from './completions/completion.registry.js';
import { MCP_MODULE_OPTIONS } from './mcp.module-definition.js';
import { hasGuards } from './nest/controller-guards.js';
import { PromptFactory } from './prompts/prompt.factory.js';
import { PromptRegistry } from './prompts/prompt.registry.js';
import { ContentLoader } from './registry/content.loader.js';
import { InProcessCalls } from './registry/in-process-calls.js';
import { ResourceCatalog } from './resources/resource.catalog.js';
import {
  ResourceExplorer,
  ResourceFactory,
} from './resources/resource.factory.js';
import { ResourceRegistry } from './resources/resource.registry.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { EndpointAddress } from './server/mcp-server-instance.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from './server/server-settings.js';
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

/** Who may come in at the endpoint of one server. */
export const endpointAuth = (
  optionsModule: DynamicModule,
  endpoint: Type<McpController>,
): DynamicModule =>
  McpAuthModule.forEndpoint([optionsModule], {
    useFactory: (
      { auth }: McpModuleOptions,
      { name, title }: ServerSettings,
      address: EndpointAddress,
      config: ApplicationConfig,
    ) => ({
      options: auth,
      dependencies: {
        name: title ?? name,
        endpointPath: () => address.path,
        isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
      },
    }),
    inject: [
      MCP_MODULE_OPTIONS,
      SERVER_SETTINGS,
      EndpointAddress,
      ApplicationConfig,
    ],
  });

/** The place of the endpoint among all that guards may stand before. */
export const endpointResource = (endpoint: Type<McpController>): Provider => ({
  provide: ENDPOINT_RESOURCE,
  useFactory: (
    auth: ServerAuth,
    operations: EndpointAccess,
    { name }: ServerSettings,
  ): ProtectedResource => ({ auth, operations, endpoint, name }),
  inject: [ServerAuth, EndpointAccess, SERVER_SETTINGS],
});

/** The providers of resources, prompts and completions. */
export const contentProviders: readonly Provider[] = [
  CompletionFactory,
  CompletionRegistry,
  ContentLoader,
  PromptFactory,
  PromptRegistry,
  ResourceCatalog,
  ResourceExplorer,
  ResourceFactory,
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
  Pages,
  ParamHeaders,
  ServerEvents,
  SubscriptionLimit,
];
