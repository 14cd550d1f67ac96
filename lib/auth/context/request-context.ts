import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import type { AccessToken } from '../access-token.js';

/** What is known of the request being served, from any depth. */
interface RequestContext {
  readonly headers: IncomingHttpHeaders;
  token: AccessToken | null;
}

const storage = new AsyncLocalStorage<RequestContext>();
const installed = new WeakSet<object>();

/**
 * The verified token of the request being served, from any depth; null where
 * the caller is anonymous, and outside a request.
 *
 * @publicApi
 */
export function getAccessToken(): AccessToken | null {
  return storage.getStore()?.token ?? null;
}

/** The headers of the request being served; empty outside one. */
export function currentHeaders(): IncomingHttpHeaders {
  return storage.getStore()?.headers ?? {};
}

/** Notes who the caller of the current request is. To be called by the guard alone. */
export function setCurrentToken(token: AccessToken | null): void {
  const context = storage.getStore();
  if (context) {
    context.token = token;
  }
}

/**
 * Gives every request of the adapter a context. A tool's inner request shares
 * that of the call, and with it the caller. Further calls do nothing.
 */
export function installRequestContext(adapter: HttpServer): void {
  if (installed.has(adapter)) {
    return;
  }
  installed.add(adapter);
  if (adapter.getType() === 'fastify') {
    (adapter.getInstance() as FastifyApplication).addHook(
      'onRequest',
      (request, _reply, done) => enter(request.headers, done),
    );
  } else {
    (adapter.getInstance() as ExpressApplication).use(
      (request, _response, next) => enter(request.headers, next),
    );
  }
}

function enter(headers: IncomingHttpHeaders, next: () => void): void {
  if (storage.getStore()) {
    next();
  } else {
    storage.run({ headers, token: null }, next);
  }
}

interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (request: IncomingMessage, reply: unknown, done: () => void) => void,
  ): void;
}

interface ExpressApplication {
  use(
    handler: (
      request: IncomingMessage,
      response: unknown,
      next: () => void,
    ) => void,
  ): void;
}
