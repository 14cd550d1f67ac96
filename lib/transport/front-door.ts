import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { Logger } from '@nestjs/common';
import { failureBody } from './json-rpc-error.js';
import type { BoundAddress, TransportSecurity } from './transport-security.js';

/** Response headers a browser client must be able to read. */
const EXPOSED = ['WWW-Authenticate', 'Mcp-Session-Id', 'Mcp-Protocol-Version'];

/** Names that are logged; whoever sends more than these is not configuring a client. */
const LOGGED_NAMES = 50;

/** A request that goes no further, or the headers its answer must carry. */
export interface Admission {
  readonly headers: Readonly<Record<string, string>>;
  /** Present where the request is answered here. */
  readonly answer?: { readonly status: number; readonly body?: string };
}

/**
 * Decides at the door of the endpoint, before guards and body parsers where the
 * adapter allows it: who may come in, and what a browser is told.
 */
export class FrontDoor {
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
        ? `Origin ${JSON.stringify(origin)} was refused at ${this.path}. If it is a client's, list it in allowedOrigins` +
          (isLoopbackPage(origin) ? ', or listen on 127.0.0.1.' : '.')
        : status === 421
          ? `Host ${JSON.stringify(host ?? '')} was refused at ${this.path}. If the server is reached by it, list it without its port in allowedHosts.`
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

/**
 * The value to set for a header of an {@link Admission}: lists that the
 * application's own CORS has begun are continued, anything else is replaced.
 */
export function joinLists(
  name: string,
  existing: OutgoingHttpHeaders[string],
  value: string,
): string {
  if (
    existing === undefined ||
    (name !== 'vary' && name !== 'access-control-expose-headers')
  ) {
    return value;
  }
  const entries = `${String(existing)},${value}`
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return [
    ...new Map(entries.map((entry) => [entry.toLowerCase(), entry])).values(),
  ].join(', ');
}
