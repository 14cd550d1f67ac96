import type { Type } from '@nestjs/common';
import type { ProviderTarget } from '../invocation/provider.invoker.js';
import type { OperationMetadata } from '../nest/operation-metadata.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';
import type { McpToolOptions } from './tool-options.interface.js';

/** A route that may become a tool: one URL of one method. */
export interface RouteCandidate {
  readonly kind: 'route';
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly moduleName: string;
  readonly options: McpToolOptions;
  /** Whether `@McpTool()` asks for it; false for what `expose: 'all'` found. */
  readonly isDecorated: boolean;
  readonly origin: string;
  readonly route: Route;
  readonly url: RouteUrl;
  readonly httpMethod: string;
  readonly operation: OperationMetadata;
  /** Headers that select the version, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A provider's method that is a tool. */
export interface ProviderCandidate {
  readonly kind: 'provider';
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly moduleName: string;
  readonly options: McpToolOptions;
  readonly origin: string;
  readonly wrapper: ProviderTarget['wrapper'];
}

/** What the explorer found, before names and filters. */
export type ToolCandidate = RouteCandidate | ProviderCandidate;
