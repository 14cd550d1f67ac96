import type { Server } from '@modelcontextprotocol/server';
import { Logger } from '@nestjs/common';
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import {
  callerIdentity,
  getAccessToken,
} from '../../auth/context/request-context.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import { type AddressedRequest, addressOf } from '../../platform/http-pair.js';
import { currentRequest } from './endpoint-request.js';

/** What knows the token of a session's latest request, of whatever kind. */
export interface TokenHolder {
  readonly token: AccessToken | null;
  /** Whose subscriptions count together; undefined where there is one caller alone. */
  readonly quota?: string;
}

const holders = new WeakMap<Server, TokenHolder>();

/** Says who knows the caller of the session that a server serves. */
export function holdToken(server: Server, holder: TokenHolder): void {
  holders.set(server, holder);
}

/** Undefined where nobody has said. */
export function tokenHolderOf(server: Server): TokenHolder | undefined {
  return holders.get(server);
}

/** What tells where a request comes from: Express's `Request`, or a `FastifyRequest`. */
interface ProxiedRequest extends AddressedRequest {
  readonly headers?: IncomingHttpHeaders;
  /** Of Fastify: only where it trusts its proxy. */
  readonly ips?: unknown;
  /** Of Fastify: the application. */
  readonly server?: object;
  /** Of Express. */
  readonly app?: { get?(setting: 'trust proxy'): unknown };
  /** Of others: the connection, which knows the server that it was made to. */
  readonly socket?: AddressedRequest['socket'] & { readonly server?: object };
}

const warned = new WeakSet<object>();

/**
 * Warns, once in an application, of a proxy that the application does not trust: all
 * who come through it have the proxy's address, and so share the limits of one.
 */
function warnOfProxy(request: ProxiedRequest): void {
  const application = request.app ?? request.server ?? request.socket?.server;
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
      'number of proxies and with their addresses. Other adapters may trust none.',
  );
}

function trustsProxy({ app, ips }: ProxiedRequest): boolean {
  return typeof app?.get === 'function'
    ? Boolean(app.get('trust proxy'))
    : ips !== undefined;
}

/** Who sends a request, as far as sessions are concerned. */
export interface SessionCaller {
  /** Whom a session belongs to; opaque, the same on every instance. */
  readonly owner: string;
  /** Whose sessions count together; opaque. */
  readonly quota: string;
  readonly token: AccessToken | null;
}

/**
 * The caller of the current request, by {@link callerIdentity}.
 *
 * @param server what sessions of one server have in common on all instances
 */
export function currentCaller(server: string): SessionCaller {
  const token = getAccessToken();
  const owner = digest([server, ...callerIdentity(token)]);
  return {
    owner,
    // By address, as a header that nobody verified would give any number of quotas.
    quota: token ? owner : digest([server, 'address', currentAddress()]),
    token,
  };
}

function currentAddress(): string {
  const request = (currentRequest()?.request ?? {}) as ProxiedRequest;
  warnOfProxy(request);
  return String(addressOf(request));
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
