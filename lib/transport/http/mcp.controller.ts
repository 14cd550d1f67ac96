import {
  All,
  type CanActivate,
  Controller,
  type HttpServer,
  Logger,
  Req,
  Res,
  type Type,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import type { ApplicationConfig } from '@nestjs/core';
import type { Server } from 'node:http';
import { installRequestContext } from '../../auth/context/request-context.js';
import { McpAuthGuard } from '../../auth/guards/mcp-auth.guard.js';
import { watchInnerRequests } from '../../invocation/call/mcp-call.js';
import { hideFromSwagger, placeController } from '../../nest/endpoint-path.js';
import type { McpApplication } from '../../platform/mcp-application.js';
import { type OptionKeys } from '../../options/option-keys.js';
import { shown } from '../../options/option-values.js';
import type { McpServerInstance } from '../../server/mcp-server-instance.js';
import { ENDPOINT_METADATA } from '../../tools/tool.explorer.js';
import { resolveSse } from '../sessions/sse-places.js';
import { failureBody, parserFailure } from '../request/json-rpc-error.js';
import { McpExceptionFilter } from './mcp-exception.filter.js';
import { McpEndpoint } from './mcp.endpoint.js';
import {
  type BoundAddress,
  OriginPolicy,
  TransportSecurity,
} from './origin-policy.js';

/**
 * Hosts the Streamable HTTP endpoint of one MCP server. The application's
 * global guards apply to it; its global pipes, interceptors and filters have
 * nothing to reshape, as only the raw request and response are taken.
 *
 * Extend it to put decorators or code of your own in front, and name the class
 * in `McpModule.forRoot({ controller })`.
 *
 * @publicApi
 */
@Controller()
@UseFilters(McpExceptionFilter)
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  /** Serves one HTTP request; resolves when the response has been written. */
  @All()
  handle(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.endpoint.serve(request, response);
  }
}

/**
 * What `forRoot` and `forRootAsync` take beside the options, because Nest needs
 * classes before it creates anything.
 *
 * @publicApi
 */
export interface McpModuleExtras {
  /** Applied to the endpoint's controller, so that it is marked for the application's own global guards: `[Public()]`. */
  readonly decorators?: readonly ClassDecorator[];
  /**
   * Guards of the endpoint that run before tokens are verified, such as
   * `AuthGuard('jwt')`; with `auth.verifier: false` they decide alone.
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[];
  /** Serves the endpoint in place of `McpController`, which it extends. */
  readonly controller?: Type<McpController>;
}

/** What Nest needs before it creates anything. */
export const EXTRA_KEYS: OptionKeys<McpModuleExtras> = {
  decorators: 'functions',
  guards: 'enhancers',
  controller: true,
};

/** Injection token of the class made by {@link createEndpointController}. */
export const ENDPOINT_CONTROLLER = 'nestjs-mcp:endpoint-controller';

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
 * Gives the endpoint of a server its paths and its front door, and has the
 * server know them.
 *
 * @param maxRequestBytes undefined for what the application's parser allows
 * @throws Error where another server of the application has the path
 */
export function mountEndpoint(
  controller: Type<McpController>,
  server: McpServerInstance,
  application: McpApplication,
  adapter: HttpServer,
  config: ApplicationConfig,
  maxRequestBytes: number | undefined,
): void {
  const { settings } = server;
  const sse = resolveSse(settings);
  const [path = settings.path, ...ssePaths] = placeController(
    controller,
    [settings.path, ...(sse ? [sse.stream, sse.messages] : [])],
    config,
    settings.useGlobalPrefix,
  );
  const [stream, messages] = ssePaths;
  server.mountAt({
    endpoint: path,
    ...(stream !== undefined &&
      messages !== undefined && { sse: { stream, messages } }),
  });
  const { takenPaths } = application;
  for (const one of server.paths) {
    if (takenPaths.has(one)) {
      throw new Error(
        `Two MCP servers have the path "${one}". Give one of them another by ` +
          'McpModule.forRoot({ path }), or legacy: { sse: { path, messagesPath } }.',
      );
    }
    takenPaths.add(one);
  }
  if (settings.origins === false) {
    new Logger('McpModule').warn(
      `The MCP endpoint ${path} checks neither Host nor Origin, as ` +
        'origins is false: any web page may call it.',
    );
  }
  installRequestContext(application);
  watchInnerRequests(application);
  const door = new OriginPolicy(
    new TransportSecurity(settings.origins),
    boundAddressOf(adapter.getHttpServer() as Server),
    path,
  );
  for (const one of server.paths) {
    application.platform.onPath(one, {
      admit: (method, headers) => door.admit(method, headers),
      parserFailure: answerTo,
      maxRequestBytes,
    });
  }
}

function answerTo(
  status: number,
  limit: number | undefined,
): { readonly status: number; readonly body: string } {
  const failure = parserFailure(status, limit);
  return { status: failure.status, body: failureBody(failure) };
}

/** Where a server listens: the system is asked once, as it answers by a call of its own. */
function boundAddressOf(server: Server): () => BoundAddress {
  let known: BoundAddress = null;
  server.on('close', () => (known = null));
  return () => (known ??= server.address());
}
