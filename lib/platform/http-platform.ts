import type { HttpServer } from '@nestjs/common';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import type { InnerClasses } from './inner-classes.js';
import type { HttpPair } from './http-pair.js';

/** Reads a query string (without `?`) as the application does. */
export type QueryParser = (query: string) => unknown;

/** Serves a request by the application's own routes, as if it had come over a socket. */
export type Dispatch = (
  request: IncomingMessage,
  response: ServerResponse,
) => void;

/** What is known of a request when it arrives, before any route. */
export interface ArrivingRequest {
  readonly headers: IncomingHttpHeaders;
}

/** Headers for the answer to a request that has just arrived. */
export interface Admission {
  readonly headers: Readonly<Record<string, string>>;
  /** Present where the request is answered here. */
  readonly answer?: { readonly status: number; readonly body?: string };
}

/** What happens on one path before its route is reached. */
export interface PathHooks {
  /** Lets a request in or answers it; a parser's failure is told only to one that was let in. */
  admit(method: string, headers: IncomingHttpHeaders): Admission;
  /**
   * The answer, in JSON, to a body that the parser does not take.
   *
   * @param status of the parser's error
   * @param limit bytes that a body may have, where the parser tells it
   */
  parserFailure(
    status: number,
    limit: number | undefined,
  ): { readonly status: number; readonly body: string };
  /** Bytes that a body may have; undefined for what the application's parser allows. */
  readonly maxRequestBytes: number | undefined;
}

/** What is answered to bodies that a parser does not take, on some paths alone. */
export interface ParserAnswers {
  /** As they are registered: a segment may be a parameter, `:id`. */
  readonly paths: readonly string[];
  /** Bytes that a body may have, where the adapter can say so for one route. */
  readonly maxRequestBytes: number;
  /** Answers on Node's response, which has the headers that hooks have set. */
  readonly answer: (response: ServerResponse, status: number) => void;
}

/** The route that an inner request is for, and may not miss. */
export interface InnerDestination {
  /** Whether it has been reached, and the request may go on from there. */
  readonly isReached: boolean;
  /** Path of the request with other values in it; undefined where there is no value in it. */
  readonly ordinaryPath: string | undefined;
  /** Whether a route of the adapter, by its path, is the one. */
  isAt(registeredPath: string): boolean;
  /** Ends the request: it goes no further. */
  refuse(): void;
}

/** What a platform has to know of an inner request. */
export interface InnerRequest {
  /** What the caller's own request carries under these names, for guards and decorators. */
  readonly auth: unknown;
  readonly user: unknown;
  /** The query that the route is to find, where its URL cannot say it. */
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly destination?: InnerDestination;
}

/** Routes that the application has registered on the adapter itself, before those of Nest. */
export interface ForeignRoutes {
  /** The pattern of the first that takes a request; undefined where none does. */
  taking(method: string, path: string): string | undefined;
}

/** Undefined for a request that came from outside; takes Node's own request. */
export type FindInnerRequest = (request: object) => InnerRequest | undefined;

/**
 * All that one HTTP adapter of Nest does in its own way. Nothing outside of this
 * folder asks which adapter it is: extend this class for another, and name it in
 * `createPlatform()`.
 */
export abstract class HttpPlatform {
  /** Whose pattern syntax its paths are written in. */
  abstract readonly pathSyntax: 'express' | 'fastify';
  /** How forms write values that are no text: `a[b]=1`, or not at all. */
  abstract readonly formSyntax: 'brackets' | 'flat';
  /** Whether routes that fit are tried in the order of their registration, not the most specific one first. */
  abstract readonly triesRoutesInOrder: boolean;
  /** Whether several routes may have one path: those behind the first have what it passes on. */
  abstract readonly sharesPaths: boolean;

  constructor(protected readonly adapter: HttpServer) {}

  /** Resolves when requests can be served without a port; `app.init()` comes first. */
  abstract ready(): Promise<void>;

  /**
   * Takes a request over from the adapter, which leaves the response alone from
   * then on.
   *
   * @param request the adapter's own, as `@Req()` and `@Res()` give them
   */
  abstract takeOver(request: unknown, response: unknown): HttpPair;

  /** The path, as it was registered, of the route that the adapter has found for a request. */
  abstract routePathOf(request: unknown): string | undefined;

  /** Has every request pass `enter`, which calls `next` to let it go on; to be called in `configure()`. */
  abstract onRequest(
    enter: (request: ArrivingRequest, next: () => void) => void,
  ): void;

  /** Sets hooks before the route of one path; to be called in `configure()`, as routes come first later. */
  abstract onPath(path: string, hooks: PathHooks): void;

  /** Has routes of the adapter itself answer for parsers in their own words; to be called in `configure()`, before these routes. */
  abstract onParserFailure(answers: ParserAnswers): void;

  /**
   * Shows inner requests to what the application has in their way, and keeps
   * them out of routes other than their own; to be called in `configure()`, once.
   */
  abstract watchInnerRequests(find: FindInnerRequest): void;

  /** Serves inner requests; to be called once routes are registered. */
  abstract createDispatch(): Dispatch;

  /** What inner requests and responses are made as. */
  abstract innerClasses(): InnerClasses;

  /** The query parser of the application itself. */
  abstract queryParser(): QueryParser;

  /**
   * Path of the route that is tried first for a request, as it was registered;
   * undefined where the order of routes decides nothing, and where it cannot be told.
   */
  abstract firstRoutePath(method: string, path: string): string | undefined;

  /** Undefined where such routes keep no request from Nest's, as the order decides nothing, and where it cannot be told. */
  abstract foreignRoutes(): ForeignRoutes | undefined;

  /** A route's path as the adapter has registered it. */
  registeredPath(path: string): string {
    // Not every version of Nest has it.
    const adapter: Partial<HttpServer> = this.adapter;
    return adapter.normalizePath?.(path) ?? path;
  }
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
