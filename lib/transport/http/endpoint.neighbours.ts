import { Injectable, Logger, type Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ModulesContainer,
} from '@nestjs/core';
import { comparablePath } from '../../platform/express/express-route-index.js';
import { McpAuthGuard } from '../../auth/guards/mcp-auth.guard.js';
import { globalGuardNames, hasGuards } from '../../nest/controller-guards.js';
import { McpApplication } from '../../platform/mcp-application.js';
import { readRoutes } from '../../nest/route-metadata.js';
import { takesFiles } from '../../nest/upload-fields.js';
import { ENDPOINT_METADATA } from '../../tools/tool.explorer.js';

/** Room for a file of 7 MiB in base64. */
const UPLOAD_LIMIT = 10 * 1024 * 1024;

/** Looks for what of the application takes the requests of an endpoint, or decides on them. */
@Injectable()
export class EndpointNeighbours {
  private readonly logger = new Logger('McpModule');

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly application: McpApplication,
  ) {}

  /**
   * To be called before Nest registers routes, as Fastify takes no two for one
   * path, and does not say whose they are.
   *
   * @throws Error where a route of the application has a path of the endpoint
   */
  refuseTaken(paths: readonly string[]): void {
    const { discovery, config, modules } = this;
    const taken = new Set(paths.map(comparablePath));
    const { sharesPaths } = this.application.platform;
    for (const route of readRoutes({ discovery, config, modules })) {
      const { controller, methodName, httpMethod, host } = route;
      const url = route.urls.find(
        ({ path, version }) =>
          version === undefined && taken.has(comparablePath(path)),
      );
      if (
        !url ||
        host !== undefined ||
        Reflect.hasMetadata(ENDPOINT_METADATA, controller)
      ) {
        continue;
      }
      const found =
        `${httpMethod} ${url.path} (${controller.name}.${methodName}) has the ` +
        'path of the MCP endpoint. Give the endpoint another by ' +
        'McpModule.forRoot({ path }).';
      if (sharesPaths && httpMethod !== 'POST' && httpMethod !== 'ALL') {
        this.logger.warn(found);
      } else {
        throw new Error(found);
      }
    }
  }

  /** Bytes that a request may have where a route of the application takes files; undefined where none does. */
  uploadLimit(): number | undefined {
    const { discovery, config, modules } = this;
    return readRoutes({ discovery, config, modules }).some(takesFiles)
      ? UPLOAD_LIMIT
      : undefined;
  }

  /** Tells of guards that clients cannot be led past, as a server without `auth` knows of no login. */
  tellOfGuards(path: string | undefined): void {
    const guards = globalGuardNames(this.config);
    if (path !== undefined && guards.length > 0) {
      this.logger.log(
        `Guards of the application (${guards.join(', ')}) decide on the MCP ` +
          `endpoint ${path} as well. Where one asks for a token, tell clients ` +
          'where to get it by auth: { verifier: false, authorizationServers: ' +
          '[…] }; where one must not refuse the endpoint, mark it by decorators.',
      );
    }
  }

  /** @throws Error where `verifier: false` leaves callers to guards, and there is none */
  refuseUnguarded(endpoint: Type<unknown>): void {
    if (!hasGuards(endpoint, this.config, McpAuthGuard)) {
      throw new Error(
        'auth.verifier is false, which leaves callers to guards of your own, and ' +
          'no guard stands before the MCP endpoint. Name one in ' +
          'McpModule.forRoot({ guards: […] }), or provide it as APP_GUARD; or ' +
          'set auth: false to say that the server is meant to be open.',
      );
    }
  }

  /**
   * Warns where no public URL of the server ends in the path at which it is
   * served: the global prefix is easily forgotten. A proxy may make that right.
   */
  warnOfResource(resources: readonly string[], path: string | undefined): void {
    const ends = (resource: string): boolean =>
      `/${new URL(resource).pathname}/`
        .replace(/\/{2,}/g, '/')
        .endsWith(`/${path}/`.replace(/\/{2,}/g, '/'));
    if (path !== undefined && resources.length > 0 && !resources.some(ends)) {
      this.logger.warn(
        `auth.resource is ${resources.map((each) => `"${each}"`).join(', ')}, and ` +
          `the MCP endpoint is at ${path}. Clients connect to auth.resource: ` +
          `unless a proxy leads from there to ${path}, end it in that path.`,
      );
    }
  }

  /** Warns, once routes are registered, of patterns that Express tries before the endpoint. */
  warnOfShadows(paths: readonly string[]): void {
    // An application context has neither paths nor a platform.
    const platform = paths.length > 0 && this.application.platform;
    if (!platform) {
      return;
    }
    for (const path of paths) {
      for (const method of ['POST', 'GET', 'DELETE']) {
        const first = platform.firstRoutePath(method, path);
        if (
          first !== undefined &&
          comparablePath(first) !== comparablePath(path)
        ) {
          this.logger.warn(
            `${method} ${path} is an MCP endpoint, and Express tries the route ` +
              `${method} "${first}" before it, which fits as well: MCP requests ` +
              'end there. Declare its controller in a module that is imported ' +
              'after McpModule, or give the endpoint another path by ' +
              'McpModule.forRoot({ path }).',
          );
        }
      }
    }
  }
}
