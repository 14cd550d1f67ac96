import type { Type } from '@nestjs/common';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  PARAMTYPES_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';

/** Under which the parameters of a tool method are described to Nest. */
export const PARAMETERS_KEY = 'nestjs-mcp:parameters';

/** Position of a method's arguments object among the arguments of its pipeline. */
const ARGUMENTS_INDEX = 2;

/** Position of its context there. */
const CONTEXT_INDEX = 3;

/**
 * Describes a provider method to Nest's `ExternalContextCreator`: the first
 * parameter is a body, so that pipes validate it against its type; the second
 * is what a custom decorator gives, which validation leaves alone.
 */
export function describeParameters(
  owner: Type<unknown>,
  methodName: string,
): void {
  const parameters = {
    [`${RouteParamtypes.BODY}:0`]: { index: 0, data: undefined, pipes: [] },
    [`mcp${CUSTOM_ROUTE_ARGS_METADATA}:1`]: {
      index: 1,
      data: undefined,
      pipes: [],
      factory: (
        _data: unknown,
        context: { getArgByIndex(index: number): unknown },
      ) => context.getArgByIndex(CONTEXT_INDEX),
    },
  };
  // A mixin or a wrapping decorator separates the two.
  const prototype = owner.prototype as { constructor: object };
  for (const host of new Set([owner, prototype.constructor])) {
    Reflect.defineMetadata(PARAMETERS_KEY, parameters, host, methodName);
  }
}

/** Finds the arguments object among the arguments of the pipeline. */
export const parametersFactory = {
  exchangeKeyForValue(
    _type: number,
    _data: unknown,
    args: readonly unknown[],
  ): unknown {
    return args[ARGUMENTS_INDEX];
  },
};

/** The class of a method's first parameter; undefined without decorator metadata. */
export function parameterTypeOf(
  owner: Type<unknown>,
  methodName: string,
): Type<unknown> | undefined {
  return parameterTypesOf(owner, methodName)?.[0];
}

/** What is left at run time of the type of an arguments object. */
export type ArgumentsType = Type<unknown> | 'nothing written down' | undefined;

/**
 * The type that a method declares for its arguments; undefined where it takes
 * none, or gives no sign of it. A parameter whose name begins with an underscore
 * is there for the sake of the second, and one behind a decorator that wraps
 * the method is not seen.
 */
export function argumentsTypeOf(
  owner: Type<unknown>,
  methodName: string,
): ArgumentsType {
  const method = (owner.prototype as Record<string, unknown>)[methodName];
  if (
    typeof method !== 'function' ||
    /^[^(]*\(\s*(?:_|\.{3}|\))/.test(Function.prototype.toString.call(method))
  ) {
    return undefined;
  }
  const types = parameterTypesOf(owner, methodName);
  return types ? types[0] : 'nothing written down';
}

function parameterTypesOf(
  owner: Type<unknown>,
  methodName: string,
): (Type<unknown> | undefined)[] | undefined {
  return Reflect.getMetadata(
    PARAMTYPES_METADATA,
    owner.prototype as object,
    methodName,
  ) as Type<unknown>[] | undefined;
}
