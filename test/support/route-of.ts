import { RequestMethod, type Type } from '@nestjs/common';
import {
  METHOD_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  SSE_METADATA,
} from '@nestjs/common/constants.js';
import { readArguments } from '../../lib/nest/route-metadata.js';
import type { Route } from '../../lib/nest/route.interface.js';

/** The route of a controller's method, without an application: no prefix, no version. */
export function routeOf<T extends object>(
  controller: Type<T>,
  methodName: keyof T & string,
): Route {
  const handler = (
    controller.prototype as Record<string, Route['handler'] | undefined>
  )[methodName];
  if (!handler) {
    throw new Error(`${controller.name} has no method ${methodName}`);
  }
  const path = [
    Reflect.getMetadata(PATH_METADATA, controller),
    Reflect.getMetadata(PATH_METADATA, handler),
  ]
    .flatMap((part: unknown) => String(part).split('/'))
    .filter((part) => part !== '')
    .join('/');
  return {
    controller,
    methodName,
    handler,
    moduleName: 'TestModule',
    httpMethod:
      RequestMethod[
        Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod
      ],
    urls: [{ path: `/${path}`, version: undefined }],
    host: undefined,
    arguments: readArguments(controller, methodName),
    pipes: [controller, handler].flatMap(
      (target) =>
        (Reflect.getMetadata(PIPES_METADATA, target) ?? []) as unknown[],
    ),
    sse: Reflect.getMetadata(SSE_METADATA, handler) === true,
  };
}

/** Names of the parameters in the route's first URL. */
export const pathParametersOf = (route: Route): string[] =>
  [...(route.urls[0]?.path ?? '').matchAll(/:(\w+)/g)].map(([, name]) =>
    String(name),
  );
