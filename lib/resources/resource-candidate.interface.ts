import type { DecoratedMethod } from '../nest/provider-methods.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';
import type { McpResourceOptions } from './resource-options.interface.js';

/** A provider's method that is a resource. */
export interface ProviderResourceCandidate extends DecoratedMethod<McpResourceOptions> {
  readonly kind: 'provider';
}

/** A GET route that is a resource. */
export interface RouteResourceCandidate extends Omit<
  DecoratedMethod<McpResourceOptions>,
  'wrapper'
> {
  readonly kind: 'route';
  readonly route: Route;
  readonly url: RouteUrl;
  /** Headers that select the version, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What the explorer found. */
export type ResourceCandidate =
  ProviderResourceCandidate | RouteResourceCandidate;
