import type { Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  PARAMTYPES_METADATA,
  ROUTE_ARGS_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { ArgumentSource, RouteArgument } from './route.interface.js';

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
