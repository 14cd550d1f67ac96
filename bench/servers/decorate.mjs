/**
 * Decorators applied by hand, as a compiler would, so that the benchmark needs
 * no build of its own.
 */
import 'reflect-metadata';

/** Defines a method with its decorators and those of its parameters. */
export function method(owner, name, value, { decorators, parameters = [] }) {
  Object.defineProperty(owner.prototype, name, {
    value,
    writable: true,
    configurable: true,
  });
  parameters.forEach(({ decorator }, index) =>
    decorator(owner.prototype, name, index),
  );
  Reflect.defineMetadata(
    'design:paramtypes',
    parameters.map(({ type }) => type),
    owner.prototype,
    name,
  );
  Reflect.decorate(
    decorators,
    owner.prototype,
    name,
    Object.getOwnPropertyDescriptor(owner.prototype, name),
  );
}

/** Decorates a property of a class. */
export function property(owner, name, type, ...decorators) {
  Reflect.defineMetadata('design:type', type, owner.prototype, name);
  Reflect.decorate(decorators, owner.prototype, name);
}

/** A class with this name: Nest and the schemas tell classes apart by name. */
export const classNamed = (name) => ({ [name]: class {} })[name];
