import { RequestMethod, type Type, ValidationPipe } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  HOST_METADATA,
  METHOD_METADATA,
  MODULE_PATH,
  PARAMTYPES_METADATA,
  PATH_METADATA,
  PIPES_METADATA,
  ROUTE_ARGS_METADATA,
  SSE_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import {
  type ApplicationConfig,
  type DiscoveryService,
  MetadataScanner,
  type ModulesContainer,
} from '@nestjs/core';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';
import type {
  ArgumentSource,
  Route,
  RouteArgument,
  RouteUrl,
} from './route.interface.js';

/** What Nest's parameter decorators store under `<type>:<index>`. */
interface StoredArgument {
  readonly index: number;
  readonly data?: unknown;
  readonly pipes?: readonly unknown[];
  /** Nest 12's `{ schema }`; Nest 11 takes the same object for a pipe. */
  readonly schema?: unknown;
}

const SOURCES: ReadonlyMap<RouteParamtypes, ArgumentSource> = new Map([
  [RouteParamtypes.PARAM, 'path'],
  [RouteParamtypes.QUERY, 'query'],
  [RouteParamtypes.HEADERS, 'header'],
  [RouteParamtypes.BODY, 'body'],
  [RouteParamtypes.RAW_BODY, 'body'],
  [RouteParamtypes.FILE, 'file'],
  [RouteParamtypes.FILES, 'files'],
]);

/**
 * Reads the decorated parameters of a handler, in the order of the parameter
 * list (Nest stores them backwards).
 */
export function readArguments(
  controller: Type<unknown>,
  methodName: string,
): RouteArgument[] {
  const stored = (Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    controller,
    methodName,
  ) ?? {}) as Record<string, StoredArgument>;
  const types = (Reflect.getMetadata(
    PARAMTYPES_METADATA,
    controller.prototype as object,
    methodName,
  ) ?? []) as (Type<unknown> | undefined)[];
  return Object.entries(stored)
    .map(([key, argument]) => ({
      index: argument.index,
      source: sourceOf(key),
      field: typeof argument.data === 'string' ? argument.data : undefined,
      type: types[argument.index],
      pipes: (argument.pipes ?? []).filter((pipe) => !isSchemaOption(pipe)),
      schema: argument.schema ?? argument.pipes?.find(isSchemaOption)?.schema,
    }))
    .sort((a, b) => a.index - b.index);
}

function sourceOf(key: string): ArgumentSource {
  const type = Number(key.split(':')[0]);
  return key.includes(CUSTOM_ROUTE_ARGS_METADATA)
    ? 'none'
    : (SOURCES.get(type) ?? 'none');
}

function isSchemaOption(pipe: unknown): pipe is { schema: object } {
  const schema = (pipe as { schema?: unknown } | null)?.schema;
  // ArkType's schemas are functions.
  return (
    ((typeof schema === 'object' && schema !== null) ||
      typeof schema === 'function') &&
    '~standard' in schema
  );
}

/** What {@link readRoutes} needs of the application. */
export interface RouteSources {
  readonly discovery: DiscoveryService;
  readonly config: ApplicationConfig;
  readonly modules: ModulesContainer;
}

/** A symbol stands for `VERSION_NEUTRAL`. */
type Version = string | symbol;
type ControllerWrapper = ReturnType<DiscoveryService['getControllers']>[number];

/**
 * Reads every route of the application with exactly the URLs that Nest
 * registered for it: prefixes, versions, `RouterModule` paths, path arrays and
 * inherited handlers included. A controller declared in several modules is one
 * controller with more URLs.
 *
 * @param isWanted leaves out handlers, before their routes are read
 */
export function readRoutes(
  sources: RouteSources,
  isWanted: (handler: object) => boolean = () => true,
): Route[] {
  const routes = new Map<Type<unknown>, Map<string, Route>>();
  const globalPipes = sources.config
    .getGlobalPipes()
    .filter((pipe) => pipe instanceof ValidationPipe);
  const scanner = new MetadataScanner();
  for (const wrapper of sources.discovery.getControllers()) {
    const controller = wrapper.metatype as Type<unknown> | null;
    const prototype = controller?.prototype as object | undefined;
    if (!controller || !prototype) {
      continue;
    }
    const known = routes.get(controller) ?? new Map<string, Route>();
    routes.set(controller, known);
    const place = readPlace(sources, wrapper, controller, globalPipes);
    for (const name of scanner.getAllMethodNames(prototype)) {
      const route = readRoute(sources, place, name, isWanted);
      const twin = known.get(name);
      if (route) {
        known.set(
          name,
          twin ? { ...twin, urls: [...twin.urls, ...route.urls] } : route,
        );
      }
    }
  }
  return [...routes.values()].flatMap((byName) => [...byName.values()]);
}

/** Whether Nest serves the method: only a method decorator of its own makes it a route. */
export function isRoute(handler: object): boolean {
  return Reflect.hasMetadata(PATH_METADATA, handler);
}

/** What all routes of a controller have in common, where one module declares it. */
interface Place {
  readonly controller: Type<unknown>;
  readonly moduleName: string;
  readonly modulePath: string | undefined;
  readonly paths: readonly string[];
  readonly host: Route['host'];
  readonly pipes: readonly unknown[];
}

function readPlace(
  { modules }: RouteSources,
  { host: module }: ControllerWrapper,
  controller: Type<unknown>,
  globalPipes: readonly unknown[],
): Place {
  const moduleClass = module?.metatype;
  return {
    controller,
    moduleName: module?.name ?? '',
    modulePath: (moduleClass &&
      (Reflect.getMetadata(MODULE_PATH + modules.applicationId, moduleClass) ??
        Reflect.getMetadata(MODULE_PATH, moduleClass))) as string | undefined,
    paths: pathsOf(controller),
    host: Reflect.getMetadata(HOST_METADATA, controller) as Route['host'],
    pipes: [...globalPipes, ...pipesOf(controller)],
  };
}

function readRoute(
  sources: RouteSources,
  place: Place,
  methodName: string,
  isWanted: (handler: object) => boolean,
): Route | undefined {
  const { controller, moduleName, host, pipes } = place;
  const prototype = controller.prototype as Record<string, Route['handler']>;
  const handler = prototype[methodName];
  if (!handler || !isRoute(handler) || !isWanted(handler)) {
    return undefined;
  }
  const requestMethod = Reflect.getMetadata(
    METHOD_METADATA,
    handler,
  ) as RequestMethod;
  return {
    controller,
    methodName,
    handler,
    moduleName,
    httpMethod: RequestMethod[requestMethod],
    urls: readUrls(sources, place, handler, requestMethod),
    host,
    arguments: readArguments(controller, methodName),
    pipes: [...pipes, ...pipesOf(handler)],
    sse: Reflect.getMetadata(SSE_METADATA, handler) === true,
  };
}

const pipesOf = (target: object): readonly unknown[] =>
  (Reflect.getMetadata(PIPES_METADATA, target) ?? []) as unknown[];

function readUrls(
  { config }: RouteSources,
  { controller, modulePath, paths }: Place,
  handler: object,
  requestMethod: RequestMethod,
): RouteUrl[] {
  const factory = new RoutePathFactory(config);
  const versioningOptions = config.getVersioning();
  const globalPrefix = config.getGlobalPrefix();
  return paths.flatMap((ctrlPath) =>
    pathsOf(handler).flatMap((methodPath) =>
      versionsOf(config, controller, handler).flatMap((version) =>
        factory
          .create(
            {
              ctrlPath,
              methodPath,
              modulePath,
              // Nest hands its resolver the prefix with a leading slash.
              globalPrefix: globalPrefix && `/${trimSlashes(globalPrefix)}`,
              methodVersion: version as string | undefined,
              versioningOptions,
            },
            requestMethod,
          )
          .map((path) => ({
            path,
            version: typeof version === 'string' ? version : undefined,
          })),
      ),
    ),
  );
}

function pathsOf(target: object): string[] {
  const paths = Reflect.getMetadata(PATH_METADATA, target) as
    string | string[] | undefined;
  return [paths ?? ''].flat().map((path) => `/${path.replace(/^\//, '')}`);
}

/** One entry for each version the method answers to; `[undefined]` without versioning. */
function versionsOf(
  config: ApplicationConfig,
  controller: object,
  handler: object,
): (Version | undefined)[] {
  const versioning = config.getVersioning();
  if (!versioning) {
    return [undefined];
  }
  const version = (Reflect.getMetadata(VERSION_METADATA, handler) ??
    Reflect.getMetadata(VERSION_METADATA, controller) ??
    versioning.defaultVersion) as Version | Version[] | undefined;
  return [version].flat();
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+|(?<!\/)\/+$/g, '');
}
