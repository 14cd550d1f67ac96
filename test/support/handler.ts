import { Controller, Get, Post, type Type } from '@nestjs/common';

/** One decorated parameter of a handler that a table row describes. */
export interface HandlerParameter {
  readonly decorator: ParameterDecorator;
  readonly type?: unknown;
}

/** A controller whose method `run` has the given parameters, as TypeScript would have compiled it. */
export function controllerWith(
  parameters: readonly HandlerParameter[],
  {
    path = '',
    method = Post,
    decorators = [],
  }: {
    readonly path?: string;
    readonly method?: typeof Get;
    readonly decorators?: readonly MethodDecorator[];
  } = {},
): Type<{ run(): void }> {
  class TableController {
    run(): void {}
  }
  const { prototype } = TableController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'run');
  if (!descriptor) {
    throw new Error('the controller has lost its method');
  }
  parameters.forEach(({ decorator }, index) =>
    decorator(prototype, 'run', index),
  );
  Reflect.defineMetadata(
    'design:paramtypes',
    parameters.map(({ type }) => type),
    prototype,
    'run',
  );
  [method(path), ...decorators].forEach((decorate) =>
    decorate(prototype, 'run', descriptor),
  );
  Controller('table')(TableController);
  return TableController;
}
