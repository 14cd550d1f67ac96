import type { Type } from '@nestjs/common';
import type { Route } from './route.interface.js';

/** What the decorators of `@nestjs/swagger` say of a route, as far as naming and filtering need it. */
export interface OperationMetadata {
  readonly operationId: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly tags: readonly string[];
  /** `@ApiExcludeEndpoint()` or `@ApiExcludeController()`. */
  readonly excluded: boolean;
}

/**
 * Reads the metadata by key, without loading `@nestjs/swagger`, so that routes
 * which do not become tools cost nothing.
 */
export function readOperation(route: Route): OperationMetadata {
  const operation = (Reflect.getMetadata(
    'swagger/apiOperation',
    route.handler,
  ) ?? {}) as {
    operationId?: string;
    summary?: string;
    description?: string;
    tags?: string[];
  };
  return {
    operationId: operation.operationId || undefined,
    summary: operation.summary || undefined,
    description: operation.description || undefined,
    // Those of @ApiOperation replace the others, as in the Swagger document.
    tags: operation.tags ?? [
      ...tagsOf(route.controller),
      ...tagsOf(route.handler),
    ],
    excluded:
      first(route.controller, 'swagger/apiExcludeController') === true ||
      isExcludedEndpoint(route.handler),
  };
}

function tagsOf(target: Type<unknown> | Route['handler']): string[] {
  return (Reflect.getMetadata('swagger/apiUseTags', target) ?? []) as string[];
}

function first(target: object, key: string): unknown {
  return (Reflect.getMetadata(key, target) as unknown[] | undefined)?.[0];
}

function isExcludedEndpoint(handler: object): boolean {
  const metadata = Reflect.getMetadata(
    'swagger/apiExcludeEndpoint',
    handler,
  ) as { disable?: boolean } | undefined;
  return metadata?.disable === true;
}
