import type { Route } from './route.interface.js';
import { bareRoute, documentedRoute } from './swagger-controller.js';
import {
  createSwaggerDocument,
  type SwaggerPackage,
} from './swagger-document.js';
import {
  isReflected,
  toParameter,
  toRequestBody,
  toResponses,
} from './swagger-content.js';
import {
  isModel,
  list,
  mentionedClasses,
  metadataList,
  metadataObject,
  object,
  strings,
  SWAGGER_CONSUMES,
  SWAGGER_PARAMETERS,
  SWAGGER_RESPONSE,
  swaggerExtraModels,
  type SwaggerOptions,
} from './swagger-metadata.js';
import type { SwaggerOperation } from './swagger-content.js';
import { SwaggerReadings } from './swagger-model.js';

export type {
  SwaggerContent,
  SwaggerOperation,
  SwaggerParameter,
} from './swagger-content.js';

/** The package, and what it said so far. */
interface SwaggerSources {
  readonly swagger?: SwaggerPackage | undefined;
  readonly readings?: SwaggerReadings | undefined;
}

/** What a document says of one route. */
interface DocumentedOperation {
  readonly operation: SwaggerOptions;
  readonly schemas: SwaggerOperation['schemas'];
  /** Carries the route's metadata, with what the CLI plugin adds. */
  readonly handler: object;
}

/**
 * Reads a route's `@nestjs/swagger` metadata. What the package merely reflects
 * from the handler's parameters is left out: the caller reads those itself. The
 * route's document, which takes a while, is made when it is needed.
 *
 * @returns undefined when `@nestjs/swagger` is not installed
 * @throws an error that names the route, for metadata that the package cannot read
 */
export function swaggerOperation(
  route: Route,
  { swagger, readings }: SwaggerSources,
): SwaggerOperation | undefined {
  if (!swagger) {
    return undefined;
  }
  const asked = readings ?? new SwaggerReadings(swagger);
  const document = lazy(() => readDocument(route, swagger));
  const parameters = metadataList(route.handler, SWAGGER_PARAMETERS);
  const shared = [
    ...swaggerExtraModels(route.handler),
    ...swaggerExtraModels(route.controller),
    ...route.arguments.flatMap(({ type }) => (type ? [type] : [])),
  ];
  const ofController =
    parameters.length === 0
      ? sharedParameters(route, swagger, asked)
      : undefined;
  return {
    parameters: [...(ofController ?? list(document().operation['parameters']))]
      .filter((parameter) => !isReflected(route, parameters, parameter))
      .map((parameter) => toParameter(route, parameters, parameter, shared)),
    requestBody: ofController
      ? undefined
      : toRequestBody(route, parameters, document().operation, shared),
    consumes: [
      ...strings(Reflect.getMetadata(SWAGGER_CONSUMES, route.controller)),
      ...strings(Reflect.getMetadata(SWAGGER_CONSUMES, route.handler)),
    ],
    get responses() {
      const { handler, operation } = document();
      return toResponses(route, handler, operation, shared);
    },
    get schemas() {
      return document().schemas;
    },
  };
}

/**
 * The parameters that all routes of a controller share; undefined where
 * something behind the route cannot be read, or may not be: then its own
 * document tells whether that matters.
 */
function sharedParameters(
  route: Route,
  swagger: SwaggerPackage,
  readings: SwaggerReadings,
): readonly SwaggerOptions[] | undefined {
  const { controller, handler } = route;
  const targets = [controller, handler];
  const responses = targets.flatMap((target) =>
    Object.values(metadataObject(target, SWAGGER_RESPONSE)).map(object),
  );
  if (!responses.every(isOrdinary)) {
    return undefined;
  }
  const types = [
    ...mentionedClasses(responses),
    ...targets.flatMap(swaggerExtraModels),
    ...route.arguments.flatMap(({ type, schema }) => (schema ? [] : [type])),
  ];
  try {
    types.filter(isModel).forEach((type) => readings.modelOf(type));
    const bare = bareRoute(route);
    return readings.parametersOf(bare.controller, () =>
      list(readDocument(bare, swagger).operation['parameters']),
    );
  } catch {
    return undefined;
  }
}

/** Whether a response has a class, a plain type or none: nothing that is worked out later. */
const isOrdinary = ({ type, standardSchema }: SwaggerOptions): boolean =>
  standardSchema === undefined &&
  (typeof type !== 'function' || type.prototype !== undefined);

function readDocument(
  route: Route,
  swagger: SwaggerPackage,
): DocumentedOperation {
  try {
    const { controller, handler } = documentedRoute(route);
    const { paths, components } = createSwaggerDocument(swagger, {
      controller,
    });
    const method =
      route.httpMethod === 'ALL' ? 'get' : route.httpMethod.toLowerCase();
    return {
      operation: object(Object.values(paths)[0]?.[method]),
      schemas: components?.schemas ?? {},
      handler,
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `@nestjs/swagger cannot describe ${route.controller.name}.${route.methodName}: ${reason} ` +
        'Correct its @Api… decorators, or hide the route with @McpHide().',
      { cause: error },
    );
  }
}

function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
