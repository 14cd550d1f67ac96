import type { Provider, Type } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { CallerUpstreamTokens } from './auth/authorization-server/upstream/caller-upstream-tokens.js';
import { UpstreamTokens } from './auth/authorization-server/upstream/upstream-tokens.js';
import { McpAuthGuard } from './auth/guards/mcp-auth.guard.js';
import {
  OWN_PLACE,
  type ProtectedPlace,
} from './auth/guards/protected-places.js';
import { ServerAuth } from './auth/guards/server-auth.js';
import { MCP_MODULE_OPTIONS } from './mcp.module-definition.js';
import type { McpModuleOptions } from './mcp-options.interface.js';
import { hasGuards } from './nest/controller-guards.js';
import { SERVER_SETTINGS, type ServerSettings } from './server-settings.js';
import { EndpointAccess } from './transport/endpoint.access.js';
import { EndpointAddress } from './transport/endpoint.address.js';
import type { McpController } from './transport/mcp.controller.js';

/** The providers of who may come in at the endpoint of one server. */
export const authProviders = (
  endpoint: Type<McpController>,
): readonly Provider[] => [
  {
    provide: ServerAuth,
    useFactory: (
      { auth }: McpModuleOptions,
      { name, title }: ServerSettings,
      address: EndpointAddress,
      adapterHost: HttpAdapterHost,
      modules: ModuleRef,
      config: ApplicationConfig,
    ) =>
      new ServerAuth(auth, {
        name: title ?? name,
        endpointPath: () => address.path,
        adapterHost,
        modules,
        isGuarded: () => hasGuards(endpoint, config, McpAuthGuard),
      }),
    inject: [
      MCP_MODULE_OPTIONS,
      SERVER_SETTINGS,
      EndpointAddress,
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
    provide: OWN_PLACE,
    useFactory: (
      auth: ServerAuth,
      operations: EndpointAccess,
      { name }: ServerSettings,
    ): ProtectedPlace => ({ auth, operations, endpoint, name }),
    inject: [ServerAuth, EndpointAccess, SERVER_SETTINGS],
  },
];
