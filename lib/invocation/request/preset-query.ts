import type { HttpServer } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';

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
