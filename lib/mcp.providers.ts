import type { Provider, Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
import { CallerUpstreamTokens } from './authorization-server/upstream/caller-upstream-tokens.js';
import { UpstreamTokens } from './authorization-server/upstream/upstream-tokens.js';
import { MCP_MODULE_OPTIONS } from './mcp.module-definition.js';
import { hasGuards } from './nest/controller-guards.js';
import type { McpModuleOptions } from './server/mcp-options.interface.js';
import { McpServerInstance } from './server/mcp-server-instance.js';
import { EndpointAccess } from './transport/http/endpoint.access.js';
import type { McpController } from './transport/http/mcp.controller.js';

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
    ) =>
      new ServerAuth(auth, {
        name: server.title,
        endpointPath: () => server.path,
        adapterHost,
        modules,
        isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
      }),
    inject: [
      MCP_MODULE_OPTIONS,
      McpServerInstance,
      HttpAdapterHost,
      ModuleRef,
      ApplicationConfig,
    ],
  },
  {
    provide: UpstreamTokens,
    useFactory: (adapterHost: HttpAdapterHost) =>
      new CallerUpstreamTokens(adapterHost),
    inject: [HttpAdapterHost],
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
