import type { Server } from 'node:http';
import { type HttpServer, Logger, type Type, UseGuards } from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import { installRequestContext } from '../auth/context/request-context.js';
import { installPresetQueries } from '../invocation/request/preset-query.js';
import { McpAuthGuard } from '../auth/guards/mcp-auth.guard.js';
import { installInnerRequestHook } from '../invocation/call/mcp-call.js';
import type { McpModuleExtras } from '../mcp-options.interface.js';
import { hideFromSwagger, placeController } from '../nest/endpoint-path.js';
import { shown } from '../options/option-keys.js';
import type { ServerSettings } from '../server-settings.js';
import { ENDPOINT_METADATA } from '../tools/tool.explorer.js';
import { installEndpointHooks } from './endpoint-hooks.js';
import { FrontDoor } from './front-door.js';
import { McpController } from './mcp.controller.js';
import { noteSsePlaces, resolveSse } from './sessions/sse/sse-places.js';
import { type BoundAddress, TransportSecurity } from './transport-security.js';

/** Injection token of the class made by {@link createEndpointController}. */
export const ENDPOINT_CONTROLLER = 'nestjs-mcp:endpoint-controller';

/** Paths taken on each adapter, as a second server would be shadowed without a word. */
const takenPaths = new WeakMap<HttpServer, Set<string>>();

/** A controller class of its own for one server, as its path is metadata of the class. */
export function createEndpointController({
  controller = McpController,
  decorators = [],
  guards = [],
}: McpModuleExtras): Type<McpController> {
  refuseForeign(controller);
  const Endpoint = class extends (controller as Type<McpController>) {};
  Object.defineProperty(Endpoint, 'name', { value: controller.name });
  Reflect.defineMetadata(ENDPOINT_METADATA, true, Endpoint);
  hideFromSwagger(Endpoint);
  UseGuards(...guards, McpAuthGuard)(Endpoint);
  for (const decorate of decorators) {
    decorate(Endpoint);
  }
  return Endpoint;
}

/** Another class would serve nothing at the endpoint. */
function refuseForeign(controller: unknown): void {
  const isOurs =
    controller === McpController ||
    (typeof controller === 'function' &&
      controller.prototype instanceof McpController);
  if (!isOurs) {
    const found =
      typeof controller === 'function'
        ? `the class ${controller.name}`
        : shown(controller);
    throw new Error(
      `McpModule: controller is ${found}, which does not extend McpController. ` +
        'Give a class that does, or leave it out.',
    );
  }
}

/**
 * Gives the endpoint its paths and its front door, and returns them in full:
 * that of the endpoint, then those of the older transport.
 *
 * @param maxRequestBytes undefined for what the application's parser allows
 * @throws Error where another server of the application has the path
 */
export function mountEndpoint(
  controller: Type<McpController>,
  settings: ServerSettings,
  adapter: HttpServer,
  config: ApplicationConfig,
  maxRequestBytes: number | undefined,
): readonly [string, ...string[]] {
  const sse = resolveSse(settings);
  const [path = settings.path, ...ssePaths] = placeController(
    controller,
    [settings.path, ...(sse ? [sse.stream, sse.messages] : [])],
    config,
    settings.useGlobalPrefix,
  );
  const [stream, messages] = ssePaths;
  if (stream !== undefined && messages !== undefined) {
    noteSsePlaces(settings, { stream, messages });
  }
  const taken = takenPaths.get(adapter) ?? new Set();
  takenPaths.set(adapter, taken);
  const paths = [path, ...ssePaths] as const;
  for (const one of paths) {
    if (taken.has(one)) {
      throw new Error(
        `Two MCP servers have the path "${one}". Give one of them another by ` +
          'McpModule.forRoot({ path }), or sse: { path, messagesPath }.',
      );
    }
    taken.add(one);
  }
  if (settings.dnsRebindingProtection === false) {
    new Logger('McpModule').warn(
      `The MCP endpoint ${path} checks neither Host nor Origin, as ` +
        'dnsRebindingProtection is false: any web page may call it.',
    );
  }
  installRequestContext(adapter);
  installPresetQueries(adapter);
  installInnerRequestHook(adapter);
  const door = new FrontDoor(
    new TransportSecurity(settings),
    boundAddressOf(adapter.getHttpServer() as Server),
    path,
  );
  for (const one of paths) {
    installEndpointHooks(adapter, one, door, maxRequestBytes);
  }
  return paths;
}

/** Where a server listens: the system is asked once, as it answers by a call of its own. */
function boundAddressOf(server: Server): () => BoundAddress {
  let known: BoundAddress = null;
  server.on('close', () => (known = null));
  return () => (known ??= server.address());
}
