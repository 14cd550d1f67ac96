import type { Provider, Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { TokenIssuers } from './auth/issuer/token-issuers.js';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from './auth/server/protected-resources.js';
import { ServerAuth } from './auth/server/server-auth.js';
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
