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
  SWAGGER_EXCLUDE_CONTROLLER,
  SWAGGER_EXCLUDE_ENDPOINT,
  SWAGGER_OPERATION,
  SWAGGER_PARAMETERS,
  SWAGGER_RESPONSE,
  swaggerExtraModels,
  text,
  type SwaggerOptions,
} from './swagger-metadata.js';
import type { SwaggerOperation } from './swagger-operation.interface.js';
import { SwaggerReadings } from './swagger-readings.js';

export type {
  SwaggerContent,
  SwaggerOperation,
  SwaggerParameter,
} from './swagger-operation.interface.js';

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
  const explicit = metadataObject(route.handler, SWAGGER_OPERATION);
  const parameters = metadataList(route.handler, SWAGGER_PARAMETERS);
  const shared = [
    ...swaggerExtraModels(route.handler),
    ...swaggerExtraModels(route.controller),
    ...route.arguments.flatMap(({ type }) => (type ? [type] : [])),
  ];
  const ofController = documentsNoParameter(route)
    ? sharedParameters(route, swagger, asked)
    : undefined;
  return {
    operationId: text(explicit['operationId']),
    get summary() {
      return text(document().operation['summary']);
    },
    get description() {
      return text(document().operation['description']);
    },
    get deprecated() {
      return document().operation['deprecated'] === true;
    },
    get tags() {
      return [...new Set(strings(document().operation['tags']))];
    },
    excluded: isExcluded(route),
    parameters: [...(ofController ?? list(document().operation['parameters']))]
      .filter((parameter) => !isReflected(route, parameters, parameter))
      .map((parameter) => toParameter(parameters, parameter, shared)),
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

/** Whether a route has no parameters but those that are reflected, and its controller's. */
function documentsNoParameter({ handler }: Route): boolean {
  return (
    metadataList(handler, SWAGGER_PARAMETERS).length === 0 &&
    metadataObject(handler, SWAGGER_OPERATION)['parameters'] === undefined
  );
}

/**
 * The parameters that all routes of a controller share; undefined where
 * something behind the route cannot be read: then its own document tells
 * whether that matters.
 */
function sharedParameters(
  route: Route,
  swagger: SwaggerPackage,
  readings: SwaggerReadings,
): readonly SwaggerOptions[] | undefined {
  const { controller, handler } = route;
  const types = [
    ...[controller, handler].flatMap((target) => [
      ...mentionedClasses(metadataObject(target, SWAGGER_RESPONSE)),
      ...swaggerExtraModels(target),
    ]),
    ...route.arguments.flatMap(({ type, schema }) => (schema ? [] : [type])),
  ];
  try {
    types.filter(isModel).forEach((type) => readings.modelOf(type));
    return readings.parametersOf(controller, () =>
      list(readDocument(bareRoute(route), swagger).operation['parameters']),
    );
  } catch {
    return undefined;
  }
}

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

function isExcluded({ handler, controller }: Route): boolean {
  const endpoint = metadataObject(handler, SWAGGER_EXCLUDE_ENDPOINT);
  const whole = metadataList(controller, SWAGGER_EXCLUDE_CONTROLLER);
  return endpoint['disable'] === true || whole[0] === (true as unknown);
}

function lazy<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
