import { Scope, type Type } from '@nestjs/common';
import { SCOPE_OPTIONS_METADATA } from '@nestjs/common/constants.js';
import { type ModuleRef, ModulesContainer } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';
import type { Module } from '@nestjs/core/injector/module.js';
import {
  type Methods,
  refuseIncomplete,
  refuseOverridden,
} from './contract-faults.js';

/** An abstract class, under which an application provides an implementation. */
type Contract<T> = abstract new (...args: never[]) => T;

/** A provider, and the module that has it. */
interface Provision {
  readonly wrapper: InstanceWrapper<unknown>;
  readonly module: Module;
}

/**
 * What the application provides under a contract, in whichever module; undefined
 * where it provides nothing. `useExisting` of one and the same instance, and a
 * module that is imported in several places, are one provider.
 *
 * @param methods that it must have
 * @param option that names an implementation for one server, where there is one
 * @param ignore tells instances that are none of the application's
 * @throws Error where there are several, where Nest makes it anew for each
 * request or each consumer, where it is no object or lacks a method, and where an
 * implementation is provided under its own name alone, though no option could
 * name it
 */
export function findContract<T extends object>(
  modules: ModuleRef,
  contract: Contract<T>,
  methods: Methods<NoInfer<T>>,
  option?: string,
  ignore: (instance: unknown) => boolean = () => false,
): T | undefined {
  const provisions = provisionsOf(modules, ({ providers }) =>
    providers.get(contract),
  ).filter(({ wrapper }) => !ignore(wrapper.instance));
  const [first, ...others] = provisions;
  if (!first) {
    if (option === undefined) {
      refuseOtherName(modules, contract, ignore);
    }
    return undefined;
  }
  for (const provision of provisions) {
    refuseScoped(contract.name, provision);
    refuseOverridden(modules, contract, provision.module);
  }
  const { instance } = first.wrapper;
  const other = others.find(({ wrapper }) => wrapper.instance !== instance);
  if (other) {
    throw new Error(
      `${contract.name} is provided twice: ${describe(first)}, and ` +
        `${describe(other)}. Provide one, in one module` +
        `${option === undefined ? '' : `, or name that of each server in ${option}`}.`,
    );
  }
  const found = objectOf<T>(contract.name, first);
  refuseIncomplete(`${contract.name} in ${first.module.name}`, found, methods);
  return found;
}

/**
 * An option that is an instance, or the class of one of the application's
 * providers. Of several, the one of the module that came last.
 *
 * @param methods that it must have
 * @throws Error where the class is not provided, or Nest makes it anew for each
 * request or each consumer, and where a method is missing
 */
export function findNamed<T extends object>(
  modules: ModuleRef,
  given: T | Type<T> | undefined,
  methods: Methods<NoInfer<T>>,
  option: string,
): T | undefined {
  if (typeof given !== 'function') {
    if (given !== undefined) refuseIncomplete(option, given, methods);
    return given;
  }
  const found = findClass(modules, given as Type<T>, option);
  if (!found) {
    throw new Error(
      `${option} is the class ${given.name}, which no module provides. Add it ` +
        'to the providers of one, or give an instance.',
    );
  }
  refuseIncomplete(option, found, methods);
  return found;
}

/**
 * As {@link findNamed}; a class that is not provided is made here.
 *
 * @param onCreated called with what was made
 */
export async function findOrCreate<T extends object>(
  modules: ModuleRef,
  type: Type<T>,
  option: string,
  onCreated?: (created: T) => unknown,
): Promise<T> {
  const found = findClass(modules, type, option);
  if (found) {
    return found;
  }
  const { scope } = (Reflect.getMetadata(SCOPE_OPTIONS_METADATA, type) ??
    {}) as { scope?: Scope };
  if (scope !== undefined && scope !== Scope.DEFAULT) {
    throw scoped(
      `${option} is the class ${type.name}, which`,
      scopeName(scope),
    );
  }
  const created = await modules.create(type);
  await onCreated?.(created);
  return created;
}

/**
 * Class names of what has the instance among its dependencies.
 *
 * @param owner module that provides it, whose own parts do not count
 */
export function injectorsOf(
  modules: ModuleRef,
  instance: object,
  owner: Type<unknown>,
): readonly string[] {
  const container = modules.get(ModulesContainer, { strict: false });
  return [...container.values()]
    .filter(({ metatype }) => metatype !== owner)
    .flatMap(({ providers, controllers, injectables }) => [
      ...providers.values(),
      ...controllers.values(),
      ...injectables.values(),
    ])
    .filter((wrapper) =>
      dependenciesOf(wrapper).some((it) => it.instance === instance),
    )
    .map(providerName);
}

function dependenciesOf(
  wrapper: InstanceWrapper<unknown>,
): readonly InstanceWrapper<unknown>[] {
  return [
    ...(wrapper.getCtorMetadata() ?? []),
    ...(wrapper.getPropertiesMetadata() ?? []).map((it) => it.wrapper),
  ].filter(Boolean);
}

function findClass<T extends object>(
  modules: ModuleRef,
  type: Type<T>,
  option: string,
): T | undefined {
  // Guards of controllers are no providers.
  const provision = provisionsOf(
    modules,
    ({ providers, injectables }) =>
      providers.get(type) ?? injectables.get(type),
  ).at(-1);
  if (!provision) {
    return undefined;
  }
  refuseScoped(option, provision);
  return objectOf<T>(option, provision);
}

function provisionsOf(
  modules: ModuleRef,
  find: (module: Module) => InstanceWrapper<unknown> | undefined,
): readonly Provision[] {
  const container = modules.get(ModulesContainer, { strict: false });
  return [...container.values()].flatMap((module) => {
    const wrapper = find(module);
    return wrapper ? [{ wrapper, module }] : [];
  });
}

/** Null and undefined are refused, too: they would switch the contract off unnoticed. */
function objectOf<T extends object>(subject: string, provision: Provision): T {
  const { instance } = provision.wrapper;
  if (typeof instance !== 'object' || instance === null) {
    const kind = instance === null ? 'null' : typeof instance;
    throw new Error(
      `${subject} is provided in ${provision.module.name} as ${kind}. Provide ` +
        'an instance, or leave the provider out.',
    );
  }
  return instance as T;
}

/** What it hides or decides would be dropped silently. */
function refuseOtherName(
  modules: ModuleRef,
  contract: Contract<object>,
  ignore: (instance: unknown) => boolean,
): void {
  const [misnamed] = provisionsOf(modules, ({ providers }) =>
    [...providers.values()].find(
      ({ metatype, instance }) =>
        !ignore(instance) &&
        ((metatype as Type<unknown> | null)?.prototype instanceof contract ||
          instance instanceof contract),
    ),
  );
  if (misnamed) {
    const { module, wrapper } = misnamed;
    const name = providerName(wrapper);
    throw new Error(
      `${name} in ${module.name} extends ${contract.name}, and is not provided ` +
        `as such. Write { provide: ${contract.name}, useClass: ${name} }.`,
    );
  }
}

function refuseScoped(subject: string, provision: Provision): void {
  const { wrapper } = provision;
  if (wrapper.isTransient || !wrapper.isDependencyTreeStatic()) {
    throw scoped(
      `${subject} is provided as ${describe(provision)}, which`,
      scopeOf(wrapper),
    );
  }
}

function scoped(subject: string, scope: string): Error {
  return new Error(
    `${subject} ${scope}, while there has to be one instance for all requests. ` +
      'Give it the default scope; it is told who calls, or finds it by ' +
      'getAccessToken().',
  );
}

function scopeOf(wrapper: InstanceWrapper<unknown>): string {
  const { scope } = wrapper;
  if (scope !== undefined && scope !== Scope.DEFAULT) {
    return scopeName(scope);
  }
  const cause = requestScopedDependency(wrapper, new Set());
  return cause === undefined
    ? 'depends on something request-scoped'
    : `depends on ${cause}, which is request-scoped`;
}

function scopeName(scope: Scope): string {
  return scope === Scope.TRANSIENT ? 'is transient' : 'is request-scoped';
}

function requestScopedDependency(
  wrapper: InstanceWrapper<unknown>,
  seen: Set<InstanceWrapper<unknown>>,
): string | undefined {
  seen.add(wrapper);
  const dependencies = dependenciesOf(wrapper).filter(
    (it) => !seen.has(it) && !it.isDependencyTreeStatic(),
  );
  for (const dependency of dependencies) {
    const name =
      dependency.scope === Scope.REQUEST
        ? providerName(dependency)
        : requestScopedDependency(dependency, seen);
    if (name !== undefined) {
      return name;
    }
  }
  return undefined;
}

/** `RoleVisibility in AppModule` */
function describe({ wrapper, module }: Provision): string {
  return `${providerName(wrapper)} in ${module.name}`;
}

function providerName(wrapper: InstanceWrapper<unknown>): string {
  const { isAlias, inject, metatype, instance, token } = wrapper;
  if (isAlias) {
    return tokenName(inject?.[0]);
  }
  if (metatype && !inject) {
    return metatype.name;
  }
  const made = instance?.constructor.name;
  return made === undefined || made === 'Object' ? tokenName(token) : made;
}

function tokenName(token: unknown): string {
  return typeof token === 'function' ? token.name : String(token);
}
