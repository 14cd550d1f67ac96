import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { readAsciiUrl } from '../auth/fetch/ascii-url.js';
import type { McpModuleOptions } from '../mcp-options.interface.js';
import { failure, type JsonRpcFailure } from './json-rpc-error.js';

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

/** What of a request decides whether it may come in. */
export interface Arrival {
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
  constructor(options: McpModuleOptions) {
    this.enabled = options.dnsRebindingProtection ?? true;
    this.origins = new Set(options.allowedOrigins?.map(checkOrigin));
    this.hosts =
      options.allowedHosts && new Set(options.allowedHosts.map(checkHost));
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
        'Misdirected Request: this Host is not served here. Servers behind a proxy list their names in allowedHosts.',
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
      `allowedOrigins: "${origin}" is not an origin. Write scheme, host and ` +
        'port alone, as in "https://app.example.com".',
    );
  }
  return origin.toLowerCase();
}

function checkHost(host: string): string {
  const name = hostnameOf(host);
  if (name === undefined || name !== host.toLowerCase()) {
    throw new Error(
      `allowedHosts: "${host}" is not a host name. Write it without scheme ` +
        'and port, as in "api.example.com".',
    );
  }
  return name;
}
