import type { Type } from '@nestjs/common';

/**
 * Where Nest takes the value of one handler parameter from. `none` marks what
 * a caller cannot send: `@Req()`, `@Res()`, `@Ip()`, custom decorators.
 */
export type ArgumentSource =
  'path' | 'query' | 'header' | 'body' | 'file' | 'files' | 'none';

/** One decorated parameter of a route handler. */
export interface RouteArgument {
  /** Position in the handler's parameter list. */
  readonly index: number;
  readonly source: ArgumentSource;
  /** `'limit'` for `@Query('limit')`; undefined where the whole object is taken. */
  readonly field: string | undefined;
  /** The parameter's `design:paramtypes` entry; undefined without decorator metadata. */
  readonly type: Type<unknown> | undefined;
  /** Pipes of this parameter alone, as written: instances or classes. */
  readonly pipes: readonly unknown[];
  /** The `{ schema }` option of Nest 12's parameter decorators, when it is a Standard Schema. */
  readonly schema: unknown;
}

/** One handler method of a controller, as Nest serves it. */
export interface Route {
  readonly controller: Type<unknown>;
  readonly methodName: string;
  /** The method itself: the carrier of its decorators' metadata. */
  readonly handler: (...args: never[]) => unknown;
  /** Class name of the module that declares the controller. */
  readonly moduleName: string;
  /** Upper case: `GET`, `POST`, …, or `ALL`. */
  readonly httpMethod: string;
  /** Every URL Nest registered for the method, in registration order; never empty. */
  readonly urls: readonly RouteUrl[];
  /** `@Controller({ host })`. */
  readonly host: string | RegExp | readonly (string | RegExp)[] | undefined;
  /** Ordered by position. */
  readonly arguments: readonly RouteArgument[];
  /**
   * Pipes of the controller and the method (`@UsePipes()`): instances or
   * classes. Before them the application's global `ValidationPipe`s.
   */
  readonly pipes: readonly unknown[];
  /** Whether `@Sse()` marks the method. */
  readonly sse: boolean;
}

/** One of the URLs a method answers on. */
export interface RouteUrl {
  /** The full path with prefixes, in the adapter's own pattern syntax: `/api/v1/countries/:code`. */
  readonly path: string;
  /** Undefined for an unversioned or version-neutral URL. */
  readonly version: string | undefined;
}
