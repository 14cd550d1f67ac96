import { Injectable, type Type } from '@nestjs/common';
import {
  ApplicationConfig,
  DiscoveryService,
  ModulesContainer,
} from '@nestjs/core';
import { decoratedMethods, methodsOf } from '../nest/provider-methods.js';
import type { Route } from '../nest/route.interface.js';
import { isRoute, readRoutes } from '../nest/route-metadata.js';
import { McpApplication } from '../platform/mcp-application.js';
import { routeCandidates, type Exposure } from './route-candidates.js';
import type { ProviderCandidate, ToolCandidate } from './tool.registry.js';
import { warnOfShadowed } from './shadowed-routes.js';
import { TOOL_METADATA } from './tool.decorator.js';
import type { McpToolOptions } from './tool.decorator.js';

/** Marks the classes that serve MCP endpoints, which are never tools themselves. */
export const ENDPOINT_METADATA = 'nestjs-mcp:endpoint';

const KIND = {
  metadata: TOOL_METADATA,
  decorator: '@McpTool()',
  plural: 'tools',
};

/** Finds what an application exposes: its routes, and its providers' methods that carry `@McpTool()`. */
@Injectable()
export class ToolExplorer {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly config: ApplicationConfig,
    private readonly modules: ModulesContainer,
    private readonly application: McpApplication,
  ) {}

  /**
   * Reads the application as it is now.
   *
   * @throws Error where `@McpTool()` stands on something that cannot be a tool
   */
  explore(exposure: Exposure): ToolCandidate[] {
    this.refuseLooseControllerMethods();
    const routes = this.routes().filter(
      ({ controller }) => !Reflect.hasMetadata(ENDPOINT_METADATA, controller),
    );
    this.warnOfEmptyControllers(routes, exposure);
    return [
      ...routes.flatMap((route) =>
        routeCandidates(route, exposure, this.config),
      ),
      ...this.providerCandidates(),
    ];
  }

  /** Warns of tools whose route another one keeps from being reached. */
  warnOfShadowed(
    candidates: readonly ToolCandidate[],
    warn: (message: string) => void,
  ): void {
    warnOfShadowed(
      candidates.flatMap((each) => (each.kind === 'route' ? [each] : [])),
      this.application,
      this.config,
      () => this.routes(),
      warn,
    );
  }

  private routes(): Route[] {
    return readRoutes({
      discovery: this.discovery,
      config: this.config,
      modules: this.modules,
    });
  }

  /**
   * `ExternalContextCreator` skips the guards and filters of a controller's
   * method, so any but a route could only be called unguarded.
   */
  private refuseLooseControllerMethods(): void {
    for (const { metatype } of this.discovery.getControllers()) {
      for (const { name, handler } of methodsOf(metatype)) {
        if (Reflect.hasMetadata(TOOL_METADATA, handler) && !isRoute(handler)) {
          throw new Error(
            `@McpTool() stands on ${metatype?.name}.${name}, a controller ` +
              'method that is no route. Give it a method decorator such as ' +
              '@Get(), or move it to a provider.',
          );
        }
      }
    }
  }

  /** What is written on a class without routes makes nothing a tool, most likely for want of a method decorator. */
  private warnOfEmptyControllers(
    routes: readonly Route[],
    { warn }: Exposure,
  ): void {
    const owners = new Set(routes.map(({ controller }) => controller));
    for (const { metatype } of this.discovery.getControllers()) {
      if (
        metatype &&
        Reflect.hasOwnMetadata(TOOL_METADATA, metatype) &&
        !owners.has(metatype as Type<unknown>)
      ) {
        warn(
          `@McpTool() stands on the class ${metatype.name}, which has no ` +
            'route. Give its methods decorators such as @Get().',
        );
      }
    }
  }

  private providerCandidates(): ProviderCandidate[] {
    return decoratedMethods<McpToolOptions>(this.discovery, KIND).map(
      (method) => ({
        kind: 'provider',
        moduleName: method.wrapper.host?.name ?? '',
        ...method,
      }),
    );
  }
}
