import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
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

type Query = Readonly<Record<string, unknown>>;

/** The inner requests whose query no text could carry, on Fastify. */
const presets = new WeakMap<object, Query>();
const installed = new WeakSet<HttpServer>();

/**
 * Makes the route of an inner request find this query, whatever its URL says.
 * Other requests are not touched.
 */
export function presetQuery(request: IncomingMessage, query: Query): void {
  presets.set(request, query);
  // Express's own `query` is a getter on the prototype, which this hides.
  Object.defineProperty(request, 'query', {
    value: query,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** Fastify parses the URL before its hooks run; this one then puts the query in place. */
export function installPresetQueries(adapter: HttpServer): void {
  if (adapter.getType() !== 'fastify' || installed.has(adapter)) {
    return;
  }
  installed.add(adapter);
  (adapter.getInstance() as FastifyApplication).addHook(
    'onRequest',
    (request, _reply, done) => {
      const query = presets.get(request.raw);
      if (query !== undefined) {
        request.query = query;
      }
      done();
    },
  );
}

interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (
      request: { readonly raw: IncomingMessage; query: unknown },
      reply: unknown,
      done: () => void,
    ) => void,
  ): void;
}
