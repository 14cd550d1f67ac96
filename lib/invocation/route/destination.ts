import type { CanActivate, ExecutionContext, Type } from '@nestjs/common';
import type { ApplicationConfig, DiscoveryService } from '@nestjs/core';
import {
  isMethod,
  nameHandlers,
  putCheckFirst,
} from '../../nest/controller-guards.js';
import type { InnerDestination } from '../../platform/http-platform.js';
import type { McpApplication } from '../../platform/mcp-application.js';
import { OtherRouteError, RefusedArgumentError } from '../call/call.errors.js';
import { destinationOf, watchInnerRequests } from '../call/mcp-call.js';
import type { PathValues, RoutePath } from '../encoding/route-path.js';

/** The one method that inner requests of an operation may run. */
export interface DestinationRoute {
  readonly controller: Type<unknown>;
  readonly handler: (...args: never[]) => unknown;
  /** The path as the adapter registered it. */
  readonly registeredPath: string;
}

/**
 * Where one inner request is to arrive. MCP's own rules (scopes, hiding,
 * filters, confirmation) were applied to this route and these values, and a
 * value in a path can name another route: whatever the router finds beside it
 * must not run.
 */
export class Destination implements InnerDestination {
  private arrived = false;
  private whenRefused: (error: Error) => void = () => undefined;

  constructor(
    private readonly route: DestinationRoute,
    private readonly path: RoutePath,
    private readonly values: PathValues,
  ) {}

  /** Whether the method has been reached: from there on it decides for itself. */
  get isReached(): boolean {
    return this.arrived;
  }

  /**
   * Whether an answer can be that of the route. Middleware may refuse a request or
   * send it elsewhere, but a success that comes of a value in the path, and not of
   * the method, is a file, a page or whatever else is served there.
   */
  takes(status: number): boolean {
    return this.arrived || status >= 300 || this.path.parameters.length === 0;
  }

  /** See {@link RoutePath.buildOrdinary}. */
  get ordinaryPath(): string | undefined {
    return this.path.buildOrdinary(this.values);
  }

  /** Tells whoever waits for the answer that there will be none. */
  onRefuse(listener: (error: Error) => void): void {
    this.whenRefused = listener;
  }

  /** Whether a route of the adapter has the path. */
  isAt(registeredPath: string): boolean {
    return registeredPath === this.route.registeredPath;
  }

  /** Ends the call: its path has led to another route. */
  refuse(): void {
    const { path } = this;
    const args = path.parameters.map((name) => path.argumentOf(name));
    this.whenRefused(new OtherRouteError(args));
  }

  /** Whether a method is the one meant and gets the values that were sent; else the call ends. */
  admits(controller: unknown, handler: object, params: PathValues): boolean {
    if (this.arrived) return true;
    if (
      // A class decorator may have put another class in its place.
      controller !== this.route.controller.prototype.constructor ||
      !isMethod(handler, this.route.handler)
    ) {
      this.refuse();
      return false;
    }
    const misread = this.path.misread(this.values, params);
    if (misread !== undefined) {
      this.whenRefused(
        new RefusedArgumentError(
          this.path.argumentOf(misread),
          'cannot be sent: the application reads another value from the path',
        ),
      );
      return false;
    }
    return (this.arrived = true);
  }
}

interface RoutedRequest {
  readonly raw?: object;
  readonly params?: PathValues;
}

/**
 * Stands before the guards of every route and lets an inner request into its own
 * alone. What it stops is never answered, so that no exception filter has a part
 * in it: the call has ended by then.
 */
const destinationGuard: CanActivate = {
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const request = context.getArgByIndex<RoutedRequest | null | undefined>(0);
    if (typeof request !== 'object' || request === null) return true;
    const destination = destinationOf(request);
    return (
      destination === undefined ||
      destination.admits(
        context.getClass(),
        context.getHandler(),
        request.params ?? {},
      ) ||
      new Promise<never>(() => undefined)
    );
  },
};

/**
 * Has inner requests held to their destinations, in front of Nest's routes and of
 * what else the adapter serves. To be called while modules are configured, before
 * Nest registers middleware and routes.
 */
export function guardDestinations(
  application: McpApplication,
  config: ApplicationConfig,
  discovery: DiscoveryService,
): void {
  putCheckFirst(config, destinationGuard);
  nameHandlers(discovery);
  watchInnerRequests(application);
}
