import type { HttpServer } from '@nestjs/common';
import { parse } from 'node:querystring';

/** Reads a query string (without `?`) as the application does. */
export type QueryParser = (query: string) => unknown;

interface ExpressInstance {
  get(setting: string): unknown;
}

interface FastifyRouterOptions {
  readonly querystringParser?: unknown;
}

/**
 * The query parser of the application itself: Express's `query parser` setting,
 * Fastify's `querystringParser` option, or that framework's default.
 */
export function queryParserOf(adapter: HttpServer): QueryParser {
  const instance: unknown = adapter.getInstance();
  if (adapter.getType() === 'express') {
    const parser = (instance as ExpressInstance).get('query parser fn');
    // `app.set('query parser', false)`: the application reads no query.
    return isParser(parser) ? parser : () => ({});
  }
  const parser = fastifyRouterOptions(instance as object)?.querystringParser;
  return isParser(parser) ? parser : (query) => parse(query);
}

function fastifyRouterOptions(
  instance: object,
): FastifyRouterOptions | undefined {
  const { initialConfig } = instance as {
    initialConfig?: { routerOptions?: FastifyRouterOptions };
  };
  if (isParser(initialConfig?.routerOptions?.querystringParser)) {
    return initialConfig.routerOptions;
  }
  // Given at the top level, the option is left out of `initialConfig`.
  const key = Object.getOwnPropertySymbols(instance).find(
    (symbol) => symbol.description === 'fastify.options',
  );
  const options = key && (instance as Record<symbol, unknown>)[key];
  return (options as { routerOptions?: FastifyRouterOptions } | undefined)
    ?.routerOptions;
}

function isParser(value: unknown): value is QueryParser {
  return typeof value === 'function';
}
