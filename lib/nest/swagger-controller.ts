import { RequestMethod, type Type } from '@nestjs/common';
import {
  METHOD_METADATA,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import type { Route } from './route.interface.js';
import {
  SWAGGER_EXCLUDE_CONTROLLER,
  SWAGGER_EXCLUDE_ENDPOINT,
  SWAGGER_HEADERS,
} from './swagger-metadata.js';

/** A stand-in controller, and its only method, which carries the route's metadata. */
interface DocumentedRoute {
  readonly controller: {
    readonly metatype: Type<unknown>;
    readonly instance: object;
  };
  readonly handler: object;
}

/**
 * A controller with the one route and nothing else, at `/` and without
 * version: routes that share a URL and classes that share a name cannot meet
 * in its document, and only exposed routes cost anything.
 */
export function documentedRoute(route: Route): DocumentedRoute {
  const original: Type<unknown> = route.controller;
  const metatype = class extends (original as Type<object>) {};
  Object.defineProperty(metatype, 'name', { value: original.name });
  Reflect.defineMetadata(PATH_METADATA, '/', metatype);
  Reflect.defineMetadata(VERSION_METADATA, undefined, metatype);
  Reflect.defineMetadata(SWAGGER_EXCLUDE_CONTROLLER, [], metatype);

  const handler = copyOf(route);
  const prototype = Object.create(ancestry(original), {
    constructor: { value: metatype },
    [route.methodName]: { value: handler },
  }) as object;
  Reflect.defineMetadata(
    PARAMTYPES_METADATA,
    Reflect.getMetadata(
      PARAMTYPES_METADATA,
      original.prototype as object,
      route.methodName,
    ),
    prototype,
    route.methodName,
  );
  const instance = Object.create(prototype) as object;
  return { controller: { metatype, instance }, handler };
}

/**
 * A route that has the parameters of every route of the controller alone: those
 * of the whole application and, where it has any, the controller's headers.
 */
export function bareRoute(route: Route): Route {
  return {
    ...route,
    controller: Reflect.hasMetadata(SWAGGER_HEADERS, route.controller)
      ? route.controller
      : BareController,
    methodName: 'bare',
    handler: bare,
    httpMethod: 'GET',
    arguments: [],
  };
}

class BareController {}

const bare = (): void => undefined;
Reflect.defineMetadata(METHOD_METADATA, RequestMethod.GET, bare);

function copyOf(route: Route): object {
  const copy = (): void => undefined;
  Object.defineProperty(copy, 'name', { value: route.methodName });
  for (const key of Reflect.getMetadataKeys(route.handler)) {
    const value: unknown = Reflect.getMetadata(key, route.handler);
    Reflect.defineMetadata(key, value, copy);
  }
  Reflect.defineMetadata(PATH_METADATA, '/', copy);
  Reflect.defineMetadata(VERSION_METADATA, undefined, copy);
  Reflect.deleteMetadata(SWAGGER_EXCLUDE_ENDPOINT, copy);
  if (route.httpMethod === 'ALL') {
    Reflect.defineMetadata(METHOD_METADATA, RequestMethod.GET, copy);
  }
  return copy;
}

/**
 * The ancestors of a class, each with its `constructor` and no methods: there the
 * CLI plugin's metadata of inherited handlers is looked up.
 */
function ancestry(type: Type<unknown>): object {
  const ancestors: unknown[] = [];
  for (
    let parent: unknown = Object.getPrototypeOf(type);
    typeof parent === 'function' && parent !== Function.prototype;
    parent = Object.getPrototypeOf(parent)
  ) {
    ancestors.push(parent);
  }
  return ancestors.reduceRight<object>(
    (prototype, constructor) =>
      Object.create(prototype, {
        constructor: { value: constructor },
      }) as object,
    Object.prototype,
  );
}
