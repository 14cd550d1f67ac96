import { Scope } from '@nestjs/common';
import { InstanceWrapper } from '@nestjs/core/injector/instance-wrapper.js';

/**
 * An object that no module has, as Nest describes what modules have. It depends
 * on nothing; global guards, pipes, interceptors and filters apply to it.
 */
export function looseProvider(instance: object): InstanceWrapper {
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
