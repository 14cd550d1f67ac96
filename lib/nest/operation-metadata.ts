import type { Type } from '@nestjs/common';
import type { Route } from './route.interface.js';
import {
  metadataList,
  metadataObject,
  object,
  strings,
  SWAGGER_EXCLUDE_CONTROLLER,
  SWAGGER_EXCLUDE_ENDPOINT,
  SWAGGER_OPERATION,
  SWAGGER_PLUGIN,
  SWAGGER_TAGS,
  type SwaggerOptions,
  text,
} from './swagger-metadata.js';

/** What the decorators of `@nestjs/swagger` say of a route, as far as naming and filtering need it. */
export interface OperationMetadata {
  /** Of `@ApiOperation({ operationId })` alone. */
  readonly operationId: string | undefined;
  /** Of `@ApiOperation()`, else of the comment that the CLI plugin has read. */
  readonly summary: string | undefined;
  readonly description: string | undefined;
  /** Tags of `@ApiTags()` and `@ApiOperation()`. */
  readonly tags: readonly string[];
  /** `@ApiExcludeEndpoint()` or `@ApiExcludeController()`. */
  readonly excluded: boolean;
}

/**
 * Reads the metadata by key, without loading `@nestjs/swagger`, so that routes
 * which do not become tools cost nothing.
 */
export function readOperation({
  controller,
  handler,
  methodName,
}: Route): OperationMetadata {
  const operation = metadataObject(handler, SWAGGER_OPERATION);
  const comment = commentOf(controller, methodName);
  const { tags } = operation;
  return {
    operationId: text(operation['operationId']),
    summary: text(operation['summary']) ?? text(comment['summary']),
    description: text(operation['description']) ?? text(comment['description']),
    // Those of @ApiOperation replace the others, as in the Swagger document.
    tags: Array.isArray(tags)
      ? strings(tags)
      : [controller, handler].flatMap((target) =>
          strings(Reflect.getMetadata(SWAGGER_TAGS, target)),
        ),
    excluded:
      metadataList(controller, SWAGGER_EXCLUDE_CONTROLLER)[0] ===
        (true as unknown) ||
      metadataObject(handler, SWAGGER_EXCLUDE_ENDPOINT)['disable'] === true,
  };
}

/** What the CLI plugin left on the controller, or on the class that it has the method of. */
function commentOf(controller: Type<unknown>, method: string): SwaggerOptions {
  let type: unknown = controller;
  while (typeof type === 'function' && type !== Function.prototype) {
    const factory: unknown = Object.hasOwn(type, SWAGGER_PLUGIN)
      ? Reflect.get(type, SWAGGER_PLUGIN)
      : undefined;
    const found =
      typeof factory === 'function'
        ? object((factory as () => unknown)())[method]
        : undefined;
    if (found !== undefined) {
      return object(found);
    }
    type = Object.getPrototypeOf(type);
  }
  return {};
}
