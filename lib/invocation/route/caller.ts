import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { isConnectionHeader } from '../../platform/header-rules.js';
import { addressOf } from '../../platform/http-pair.js';
import type { InnerRequestSpec } from './request-mapper.js';

/** Who makes the inner request, as the endpoint's framework resolved it (trusted proxies included). */
export interface Caller {
  readonly address: string | undefined;
  readonly encrypted: boolean;
  /** Host and port, as in the `Host` header. */
  readonly host: string;
  /** The caller's own headers: the source of `forwardHeaders`. */
  readonly headers: IncomingMessage['headers'];
  /** The connection itself; absent outside HTTP. */
  readonly socket: Socket | undefined;
  /** What the endpoint's guards left on the request. */
  readonly auth: unknown;
  readonly user: unknown;
}

interface FrameworkRequest {
  readonly raw?: IncomingMessage & FrameworkRequest;
  readonly headers?: IncomingMessage['headers'];
  readonly socket?: Socket;
  readonly ip?: string;
  readonly protocol?: string;
  readonly host?: string;
  readonly auth?: unknown;
  readonly user?: unknown;
}

const NOBODY: Caller = {
  address: '127.0.0.1',
  encrypted: false,
  host: 'localhost',
  headers: {},
  socket: undefined,
  auth: undefined,
  user: undefined,
};

/**
 * Reads the caller from the endpoint's request: Express's or Fastify's.
 * Without one (stdio) the caller is this machine.
 */
export function callerOf(request: unknown): Caller {
  if (typeof request !== 'object' || request === null) {
    return NOBODY;
  }
  const outer = request as FrameworkRequest;
  const { raw } = outer;
  const headers = outer.headers ?? NOBODY.headers;
  return {
    address: addressOf(outer),
    encrypted: outer.protocol === 'https',
    // Express 5 gives the port in `host`, older ones do not; the header has it.
    host: outer.host || headers.host || NOBODY.host,
    headers,
    socket: outer.socket,
    auth: outer.auth ?? raw?.auth,
    user: outer.user ?? raw?.user,
  };
}

/**
 * The host that a route is called with: its own where that is fixed, else the
 * caller's.
 */
export function hostFor(
  host: string | RegExp | readonly (string | RegExp)[] | undefined,
): (caller: Caller) => string {
  const hosts = host === undefined ? [] : [host].flat();
  const fixed = hosts.filter(isFixed);
  const [first] = fixed;
  if (first === undefined) {
    return (caller) => caller.host;
  }
  const hasPattern = fixed.length < hosts.length;
  return (caller) =>
    hasPattern || fixed.includes(caller.host.replace(/:\d+$/, ''))
      ? caller.host
      : first;
}

function isFixed(host: string | RegExp): host is string {
  return typeof host === 'string' && !/[:*{}()[\]?+!\\]/.test(host);
}

const compiled = new WeakMap<readonly string[], readonly string[]>();

/**
 * Copies headers of the caller onto a request. They win over arguments, and
 * headers that the developer fixed win over them.
 *
 * @param names in any case
 * @param fixed lower-case names
 */
export function forwardHeaders(
  { headers }: InnerRequestSpec,
  caller: Caller,
  names: readonly string[],
  fixed: Readonly<Record<string, string>>,
): void {
  let forwarded = compiled.get(names);
  if (forwarded === undefined) {
    forwarded = names
      .map((name) => name.toLowerCase())
      .filter((name) => !isConnectionHeader(name));
    compiled.set(names, forwarded);
  }
  for (const name of forwarded) {
    const value = caller.headers[name];
    if (value !== undefined && fixed[name] === undefined) {
      headers[name] = Array.isArray(value) ? value.join(', ') : value;
    }
  }
}
