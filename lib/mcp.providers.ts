import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import { McpAuthModule } from './auth/mcp-auth.module.js';
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

/** Who may come in at the endpoint of one server. */
export const endpointAuth = (
  optionsModule: DynamicModule,
  endpoint: Type<McpController>,
): DynamicModule =>
  McpAuthModule.forEndpoint([optionsModule], {
    useFactory: (
      { auth }: McpModuleOptions,
      server: McpServerInstance,
      config: ApplicationConfig,
    ) => ({
      options: auth,
      dependencies: {
        name: server.title,
        endpointPath: () => server.path,
        isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
      },
    }),
    inject: [MCP_MODULE_OPTIONS, McpServerInstance, ApplicationConfig],
  });

/** The place of the endpoint among all that guards may stand before. */
export const endpointResource = (endpoint: Type<McpController>): Provider => ({
  provide: ENDPOINT_RESOURCE,
  useFactory: (
    auth: ServerAuth,
    operations: EndpointAccess,
    { name }: McpServerInstance,
  ): ProtectedResource => ({ auth, operations, endpoint, name }),
  inject: [ServerAuth, EndpointAccess, McpServerInstance],
});
