import { Logger } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';

/** What tells where a request comes from: Express's `Request`, or a `FastifyRequest`. */
export interface AddressedRequest {
  readonly ip?: unknown;
  readonly headers?: IncomingHttpHeaders;
  /** Of Fastify: only where it trusts its proxy. */
  readonly ips?: unknown;
  /** Of Fastify: the application. */
  readonly server?: object;
  /** Of Express. */
  readonly app?: { get?(setting: 'trust proxy'): unknown };
}

const warned = new WeakSet<object>();

/**
 * Warns, once in an application, of a proxy that the application does not trust: all
 * who come through it have the proxy's address, and so share the limits of one.
 */
export function warnOfProxy(request: AddressedRequest): void {
  const application = request.app ?? request.server;
  if (
    !application ||
    warned.has(application) ||
    request.headers?.['x-forwarded-for'] === undefined ||
    trustsProxy(request)
  ) {
    return;
  }
  warned.add(application);
  new Logger('McpEndpoint').warn(
    'A request came with x-forwarded-for, and the application trusts no proxy: ' +
      'all anonymous callers behind it count as one address, and share its ' +
      "sessions and subscriptions. Set app.set('trust proxy', 1) on Express, or " +
      "new FastifyAdapter({ trustProxy: '127.0.0.1' }) on Fastify, with the " +
      'number of proxies and with their addresses.',
  );
}

function trustsProxy({ app, ips }: AddressedRequest): boolean {
  return typeof app?.get === 'function'
    ? Boolean(app.get('trust proxy'))
    : ips !== undefined;
}
