import { Scope, type Type } from '@nestjs/common';
import { type DiscoveryService, MetadataScanner } from '@nestjs/core';
import { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import {
  CUSTOM_ROUTE_ARGS_METADATA,
  PARAMTYPES_METADATA,
} from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';

/**
 * An object that no module has, as Nest describes what modules have. It depends
 * on nothing; global guards, pipes, interceptors and filters apply to it.
 */
export function syntheticProvider(instance: object): InstanceWrapper {
  const metatype = instance.constructor;
  return new InstanceWrapper({
    token: metatype as never,
    name: metatype.name,
    metatype: metatype as never,
    instance,
    isResolved: true,
    scope: Scope.DEFAULT,
  });
}

type Wrapper = ReturnType<DiscoveryService['getProviders']>[number];

/** A provider's method that carries a decorator. */
export interface DecoratedMethod<O> {
  readonly owner: Type<unknown>;
  readonly methodName: string;
  /** What the decorator was given. */
  readonly options: O;
  /** For messages: `Countries.findOne`. */
  readonly origin: string;
  readonly wrapper: Wrapper;
}

/** A string, not a symbol: a process may load both module formats of this package. */
export const HIDE_METADATA = 'nestjs-mcp:hide';

/** Whether a method, or its class, carries `@McpHide()`. */
export function isHidden(owner: Type<unknown>, handler: object): boolean {
  return (
    Reflect.hasMetadata(HIDE_METADATA, owner) ||
    Reflect.hasMetadata(HIDE_METADATA, handler)
  );
}

/** A decorator of methods, and how messages name it. */
interface DecoratorKind {
  readonly metadata: string;
  /** `@McpPrompt()` */
  readonly decorator: string;
  /** `prompts` */
  readonly plural: string;
}

/**
 * Finds the methods of providers that carry a decorator, except hidden ones.
 *
 * @throws Error where it stands on a class
 */
export function decoratedMethods<O>(
  discovery: DiscoveryService,
  kind: DecoratorKind,
): DecoratedMethod<O>[] {
  const seen = new Set<unknown>();
  return discovery.getProviders().flatMap((wrapper) => {
    const owner = ownerOf(wrapper);
    if (!owner || seen.has(owner)) {
      return [];
    }
    seen.add(owner);
    refuseClass(owner, kind);
    return methodsOf(owner).flatMap(({ name, handler }) => {
      const options = Reflect.getMetadata(kind.metadata, handler) as
        O | undefined;
      return options === undefined || isHidden(owner, handler)
        ? []
        : [
            {
              owner,
              methodName: name,
              options,
              origin: `${owner.name}.${name}`,
              wrapper,
            },
          ];
    });
  });
}

/**
 * Looks at the controllers, whose guards Nest runs for routes alone.
 *
 * @param problemOf what is wrong with a method that carries the decorator; undefined for nothing
 * @throws Error naming the method and the remedy, or where it stands on a class
 */
export function refuseControllerMethods(
  discovery: DiscoveryService,
  kind: DecoratorKind,
  problemOf: (handler: object) => string | undefined,
): void {
  for (const { metatype } of discovery.getControllers()) {
    if (typeof metatype !== 'function') {
      continue;
    }
    refuseClass(metatype as Type<unknown>, kind);
    for (const { name, handler } of methodsOf(metatype)) {
      const problem = Reflect.hasMetadata(kind.metadata, handler)
        ? problemOf(handler)
        : undefined;
      if (problem !== undefined) {
        throw new Error(
          `${kind.decorator} stands on ${metatype.name}.${name}, ${problem}`,
        );
      }
    }
  }
}

/** The class of a provider, also where a factory made the instance. */
function ownerOf(wrapper: {
  readonly metatype: unknown;
  readonly isNotMetatype: boolean;
  readonly instance: unknown;
}): Type<unknown> | undefined {
  if (!wrapper.isNotMetatype && typeof wrapper.metatype === 'function') {
    return wrapper.metatype as Type<unknown>;
  }
  const prototype: unknown =
    typeof wrapper.instance === 'object' && wrapper.instance !== null
      ? Object.getPrototypeOf(wrapper.instance)
      : undefined;
  const owner = (prototype as { constructor?: unknown } | null | undefined)
    ?.constructor;
  return typeof owner === 'function' && owner !== Object
    ? (owner as Type<unknown>)
    : undefined;
}

/** The methods of a class, inherited ones included. */
export function methodsOf(
  owner: unknown,
): { readonly name: string; readonly handler: object }[] {
  const prototype = (owner as Type<unknown> | null)?.prototype as
    Record<string, object> | undefined;
  return new MetadataScanner()
    .getAllMethodNames(prototype ?? null)
    .map((name) => ({ name, handler: prototype?.[name] ?? {} }));
}

function refuseClass(
  owner: Type<unknown>,
  { metadata, decorator, plural }: DecoratorKind,
): void {
  if (Reflect.hasOwnMetadata(metadata, owner)) {
    throw new Error(
      `${decorator} stands on the class ${owner.name}. Put it on the methods ` +
        `that shall be ${plural}.`,
    );
  }
}

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
