import type { Type } from '@nestjs/common';
import { ApplicationConfig } from '@nestjs/core';

/** The one member of `@nestjs/swagger` that is used; the package is optional. */
export interface SwaggerPackage {
  readonly SwaggerModule: {
    createDocument(app: never, config: never, options?: object): unknown;
  };
}

/** The part of an OpenAPI 3.0 document that is read. */
interface SwaggerDocument {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components?: { readonly schemas?: Record<string, unknown> };
}

/** What a document is made of: at most one controller, and classes that no route names. */
interface DocumentContent {
  readonly controller?: {
    readonly metatype: Type<unknown>;
    readonly instance: object;
  };
  readonly models?: readonly Type<unknown>[];
}

class SwaggerHost {}

/**
 * Lets `@nestjs/swagger` describe chosen parts of an application. The package
 * exports no schema factory, but its document builder asks little of the
 * application it is given, so it gets a stand-in without prefix and versions.
 *
 * @throws what `@nestjs/swagger` throws for metadata that it cannot read
 */
export function createSwaggerDocument(
  swagger: SwaggerPackage,
  { controller, models = [] }: DocumentContent,
): SwaggerDocument {
  const module = {
    metatype: SwaggerHost,
    imports: new Set(),
    controllers: new Map(controller ? [[controller.metatype, controller]] : []),
  };
  const app = {
    container: {
      getModules: () => new Map([['host', module]]),
      isGlobalModule: () => false,
    },
    config: new ApplicationConfig(),
    getHttpAdapter: () => ({ getType: () => 'fastify' }),
  };
  return swagger.SwaggerModule.createDocument(
    app as never,
    { openapi: '3.0.0', info: { title: '', version: '' } } as never,
    { autoTagControllers: false, extraModels: [...models] },
  ) as SwaggerDocument;
}
