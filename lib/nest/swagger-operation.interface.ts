import type { Type } from '@nestjs/common';
import type { SwaggerOptions } from './swagger-metadata.js';

/** An OpenAPI 3.0 schema with the classes that its `$ref`s may mean, the likeliest first. */
export interface SwaggerContent {
  /** By media type: `schema`, `example`, `examples`. */
  readonly content: Readonly<Record<string, SwaggerOptions>>;
  readonly description: string | undefined;
  readonly models: readonly Type<unknown>[];
}

/** A parameter that was documented by hand: `@ApiQuery()`, `@ApiParam()`, `@ApiHeader()`, global ones. */
export interface SwaggerParameter {
  readonly in: string;
  /** Where the documentation stands: the whole application's is that of `addGlobalParameters()`. */
  readonly documentedOn: 'method' | 'controller' | 'application';
  readonly name: string;
  readonly required: boolean;
  readonly description: string | undefined;
  /** Of a query parameter with `explode: false`: what joins the elements of a list. */
  readonly delimiter: ',' | ' ' | '|' | undefined;
  readonly schema: SwaggerOptions;
  readonly models: readonly Type<unknown>[];
}

/** What `@nestjs/swagger` metadata say of one route. */
export interface SwaggerOperation {
  /** Only if given by `@ApiOperation({ operationId })`. */
  readonly operationId: string | undefined;
  readonly summary: string | undefined;
  readonly description: string | undefined;
  readonly deprecated: boolean;
  /** Tags of `@ApiTags()` and `@ApiOperation()`; the controller's name is not one. */
  readonly tags: readonly string[];
  /** `@ApiExcludeEndpoint()` or `@ApiExcludeController()`. */
  readonly excluded: boolean;
  readonly parameters: readonly SwaggerParameter[];
  /** Only if documented by `@ApiBody()`. */
  readonly requestBody:
    (SwaggerContent & { readonly required: boolean }) | undefined;
  /** Media types of `@ApiConsumes()`. */
  readonly consumes: readonly string[];
  /** Documented responses by status code; empty if there is none. */
  readonly responses: Readonly<Record<string, SwaggerContent>>;
  /** OpenAPI 3.0 schemas that `#/components/schemas/…` names. */
  readonly schemas: Readonly<Record<string, unknown>>;
}
