import type { CanActivate, ExecutionContext, HttpServer } from '@nestjs/common';
import type { ApplicationConfig, DiscoveryService } from '@nestjs/core';
import { putCheckFirst } from '../../nest/controller-guards.js';
import { noteNestLayers } from '../../nest/express-nest-layers.js';
import { nameHandlers } from '../../nest/handler-identity.js';
import { destinationOf } from '../call/mcp-call.js';
import type { PathValues } from '../encoding/route-path.js';

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
  adapter: HttpServer,
  config: ApplicationConfig,
  discovery: DiscoveryService,
): void {
  putCheckFirst(config, destinationGuard);
  nameHandlers(discovery);
  noteNestLayers(adapter);
}
