import { Logger } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, isIP } from 'node:net';
import { readAsciiUrl } from '../../auth/fetch/url-trust.js';
import type { Admission } from '../../platform/http-platform.js';
import type { OriginOptions } from '../../server/mcp-options.interface.js';
import {
  failure,
  failureBody,
  type JsonRpcFailure,
} from '../request/json-rpc-error.js';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** What of a request decides whether it may come in. */
interface Arrival {
  readonly host: string | undefined;
  readonly origin: string | undefined;
}

/** Where the HTTP server listens, as `server.address()` tells it. */
export type BoundAddress = AddressInfo | string | null;

/**
 * Refuses requests that a web page sent without leave (MCP 2026-07-28,
 * Transports, "Security Warning"): DNS rebinding by the `Host` header on a
 * loopback bind, foreign pages by the `Origin` header anywhere.
 */
export class TransportSecurity {
  private readonly enabled: boolean;
  private readonly origins: ReadonlySet<string>;
  private readonly hosts: ReadonlySet<string> | undefined;
  /** Host header of the last request, and the name in it. */
  private last: { host: string; name: string | undefined } | undefined;

  /** @throws Error where an origin or host is not of the form that can match */
  constructor(options: false | OriginOptions) {
    const { allow, hosts } = options || {};
    this.enabled = options !== false;
    this.origins = new Set(allow?.map(checkOrigin));
    this.hosts = hosts && new Set(hosts.map(checkHost));
  }

  refuse(
    { host, origin }: Arrival,
    bound: BoundAddress,
  ): JsonRpcFailure | undefined {
    const name = this.nameOf(host);
    if (host !== undefined && name === undefined) {
      return failure(400, 'Bad Request: the Host header is malformed');
    }
    if (!this.enabled) {
      return undefined;
    }
    if (!this.isHostAllowed(name, bound)) {
      return failure(
        421,
        'Misdirected Request: this Host is not served here. Servers behind a proxy list their names in origins.hosts.',
      );
    }
    return origin === undefined || this.isOriginAllowed(origin, host, bound)
      ? undefined
      : failure(403, 'Forbidden: this Origin is not allowed');
  }

  /** Most requests name the same host as the one before. */
  private nameOf(host: string | undefined): string | undefined {
    if (host === undefined) {
      return undefined;
    }
    if (this.last?.host !== host) {
      this.last = { host, name: hostnameOf(host) };
    }
    return this.last.name;
  }

  private isHostAllowed(
    name: string | undefined,
    bound: BoundAddress,
  ): boolean {
    return this.hosts
      ? name !== undefined && this.hosts.has(name)
      : !isLoopback(bound) || (!!name && LOOPBACK_NAMES.includes(name));
  }

  private isOriginAllowed(
    origin: string,
    host: string | undefined,
    bound: BoundAddress,
  ): boolean {
    if (this.origins.has(origin.toLowerCase())) {
      return true;
    }
    const page = readAsciiUrl(origin);
    if (!page?.host) {
      return false;
    }
    return (
      (page.host === host?.toLowerCase() && this.isOwnName(page.hostname)) ||
      (isLoopback(bound) && LOOPBACK_NAMES.includes(page.hostname))
    );
  }

  /**
   * A page may share the server's name only by a name that no attacker can
   * point here: an address, loopback, or one the developer listed.
   */
  private isOwnName(hostname: string): boolean {
    return (
      isIP(hostname.replace(/^\[|\]$/g, '')) !== 0 ||
      LOOPBACK_NAMES.includes(hostname) ||
      this.hosts?.has(hostname) === true
    );
  }
}

/** Before it listens, or without an address, a server is taken for a loopback one: the stricter case. */
function isLoopback(bound: BoundAddress): boolean {
  return (
    bound === null ||
    (typeof bound === 'object' &&
      (bound.address === '::1' || bound.address.startsWith('127.')))
  );
}

function hostnameOf(host: string): string | undefined {
  return readAsciiUrl(`http://${host}`)?.hostname;
}

function checkOrigin(origin: string): string {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#*\s]+$/i.test(origin)) {
    throw new Error(
      `McpModule: origins.allow has "${origin}", which is no origin. Write scheme, host and ` +
        'port alone, as in "https://app.example.com".',
    );
  }
  return origin.toLowerCase();
}

function checkHost(host: string): string {
  const name = hostnameOf(host);
  if (name === undefined || name !== host.toLowerCase()) {
    throw new Error(
      `McpModule: origins.hosts has "${host}", which is no host name. Write it without scheme ` +
        'and port, as in "api.example.com".',
    );
  }
  return name;
}

/** Response headers a browser client must be able to read. */
const EXPOSED = ['WWW-Authenticate', 'Mcp-Session-Id', 'Mcp-Protocol-Version'];

/** Names that are logged; whoever sends more than these is not configuring a client. */
const LOGGED_NAMES = 50;

/**
 * Decides at the door of the endpoint, before guards and body parsers where the
 * adapter allows it: who may come in, and what a browser is told.
 */
export class OriginPolicy {
  private readonly logger = new Logger('McpModule');
  private readonly logged = new Set<string>();

  /** @param path of the endpoint, for the log */
  constructor(
    private readonly security: TransportSecurity,
    private readonly boundAddress: () => BoundAddress,
    private readonly path: string,
  ) {}

  admit(method: string, headers: IncomingHttpHeaders): Admission {
    const { host, origin } = headers;
    const refusal = this.security.refuse({ host, origin }, this.boundAddress());
    if (refusal) {
      this.log(refusal.status, host, origin);
      return {
        headers: { 'content-type': 'application/json', vary: 'Origin' },
        answer: { status: refusal.status, body: failureBody(refusal) },
      };
    }
    const cors = origin === undefined ? {} : corsHeaders(origin);
    return method === 'OPTIONS'
      ? {
          headers: { ...cors, ...preflightHeaders(headers) },
          answer: { status: 204 },
        }
      : { headers: cors };
  }

  /** Once for each name, as the remedy is an option that the client cannot know. */
  private log(
    status: number,
    host: string | undefined,
    origin: string | undefined,
  ): void {
    const remedy =
      status === 403
        ? `Origin ${JSON.stringify(origin)} was refused at ${this.path}. If it is a client's, list it in origins.allow` +
          (isLoopbackPage(origin) ? ', or listen on 127.0.0.1.' : '.')
        : status === 421
          ? `Host ${JSON.stringify(host ?? '')} was refused at ${this.path}. If the server is reached by it, list it without its port in origins.hosts.`
          : undefined;
    if (
      remedy !== undefined &&
      this.logged.size < LOGGED_NAMES &&
      !this.logged.has(remedy)
    ) {
      this.logged.add(remedy);
      this.logger.warn(remedy);
    }
  }
}

function isLoopbackPage(origin: string | undefined): boolean {
  return /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(
    origin ?? '',
  );
}

/** Fetch standard, section 3.2.3. The origin is one that {@link TransportSecurity} let in. */
function corsHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED.join(', '),
    vary: 'Origin',
  };
}

function preflightHeaders(
  headers: IncomingHttpHeaders,
): Record<string, string> {
  const requested = headers['access-control-request-headers'];
  return headers['access-control-request-method'] === undefined
    ? { allow: 'GET, POST, DELETE, OPTIONS' }
    : {
        'access-control-allow-methods': 'GET, POST, DELETE',
        // The client's own list, as parameters may travel as headers of any name.
        ...(requested && { 'access-control-allow-headers': requested }),
        'access-control-max-age': '600',
      };
}
