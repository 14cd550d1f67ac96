import type { Route } from './route.interface.js';
import { documentedRoute } from './swagger-controller.js';
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
  list,
  metadataList,
  metadataObject,
  strings,
  SWAGGER_CONSUMES,
  SWAGGER_EXCLUDE_CONTROLLER,
  SWAGGER_EXCLUDE_ENDPOINT,
  SWAGGER_OPERATION,
  SWAGGER_PARAMETERS,
  swaggerExtraModels,
  text,
} from './swagger-metadata.js';
import type { SwaggerOperation } from './swagger-operation.interface.js';

export type {
  SwaggerContent,
  SwaggerOperation,
  SwaggerParameter,
} from './swagger-operation.interface.js';

/**
 * Reads a route's `@nestjs/swagger` metadata. What the package merely reflects
 * from the handler's parameters is left out: the caller reads those itself.
 *
 * @returns undefined when `@nestjs/swagger` is not installed
 * @throws an error that names the route, for metadata that the package cannot read
 */
export function swaggerOperation(
  route: Route,
  { swagger }: { readonly swagger?: SwaggerPackage | undefined },
): SwaggerOperation | undefined {
  if (!swagger) {
    return undefined;
  }
  const { controller, handler } = documentedRoute(route);
  const document = readDocument(route, () =>
    createSwaggerDocument(swagger, { controller }),
  );
  const operation = Object.values(document.paths)[0]?.[
    route.httpMethod === 'ALL' ? 'get' : route.httpMethod.toLowerCase()
  ];
  const shared = [
    ...swaggerExtraModels(handler),
    ...swaggerExtraModels(route.controller),
    ...route.arguments.flatMap(({ type }) => (type ? [type] : [])),
  ];
  const parameters = metadataList(handler, SWAGGER_PARAMETERS);
  const explicit = metadataObject(route.handler, SWAGGER_OPERATION);
  return {
    operationId: text(explicit['operationId']),
    summary: text(operation?.['summary']),
    description: text(operation?.['description']),
    deprecated: operation?.['deprecated'] === true,
    tags: [...new Set(strings(operation?.['tags']))],
    excluded: isExcluded(route),
    parameters: list(operation?.['parameters'])
      .filter((parameter) => !isReflected(route, parameters, parameter))
      .map((parameter) => toParameter(parameters, parameter, shared)),
    requestBody: toRequestBody(route, parameters, operation, shared),
    consumes: [
      ...strings(Reflect.getMetadata(SWAGGER_CONSUMES, route.controller)),
      ...strings(Reflect.getMetadata(SWAGGER_CONSUMES, handler)),
    ],
    responses: toResponses(route, handler, operation, shared),
    schemas: document.components?.schemas ?? {},
  };
}

function readDocument<T>(route: Route, read: () => T): T {
  try {
    return read();
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
