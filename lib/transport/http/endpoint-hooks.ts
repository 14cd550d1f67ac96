import type { HttpServer } from '@nestjs/common';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  Server,
  ServerResponse,
} from 'node:http';
import { destinationOf } from '../../invocation/call/mcp-call.js';
import { createExpressContinuation } from '../../platform/express/express-dispatch.js';
import {
  type BodyParsing,
  parseFirst,
} from '../../platform/express/express-first.js';
import { comparablePath } from '../../platform/express/express-route-index.js';
import { presetRequestProperties } from '../../platform/express/request-properties.js';
import { failureBody, parserFailure } from '../request/json-rpc-error.js';
import {
  type Admission,
  type OriginPolicy,
  joinLists,
} from './origin-policy.js';

type Next = (error?: unknown) => void;
type ExpressRequest = IncomingMessage & { readonly path: string };

/** The parts of an Express application that are used. */
interface ExpressApplication {
  use(
    handler: (
      request: ExpressRequest,
      response: ServerResponse,
      next: Next,
    ) => void,
  ): void;
  use(
    handler: (
      error: unknown,
      request: ExpressRequest,
      response: ServerResponse,
      next: Next,
    ) => void,
  ): void;
}

/** Middleware comes after the body parser on Express, so a parser's error passes the door too. */
export function installExpressHooks(
  application: ExpressApplication,
  server: Server,
  path: string,
  door: OriginPolicy,
): void {
  presetRequestProperties(server, application, path);
  const own = comparablePath(path);
  const enter = (
    request: ExpressRequest,
    response: ServerResponse,
    next: Next,
  ): void => {
    if (comparablePath(request.path) !== own) next();
    else if (admit(door, request, response)) goOn(request, response, next);
  };
  const goOn = createExpressContinuation(application, enter, destinationOf);
  application.use(enter);
  application.use(
    (
      error: unknown,
      request: ExpressRequest,
      response: ServerResponse,
      next: Next,
    ) => {
      // What a parser throws has a type; anything else is a refusal of the
      // application's own middleware, which has its own words.
      const { status, type, limit } = error as {
        status?: unknown;
        type?: unknown;
        limit?: number;
      };
      if (
        comparablePath(request.path) !== own ||
        typeof status !== 'number' ||
        typeof type !== 'string'
      ) {
        next(error);
      } else if (admit(door, request, response)) {
        const failure = parserFailure(status, limit);
        response.writeHead(failure.status, {
          'content-type': 'application/json',
        });
        response.end(failureBody(failure));
      }
    },
  );
}

/** Answers the request at the door, or sets the headers of its answer and lets it in. */
function admit(
  door: OriginPolicy,
  request: ExpressRequest,
  response: ServerResponse,
): boolean {
  const { headers, answer } = door.admit(
    request.method ?? 'GET',
    request.headers,
  );
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, joinLists(name, response.getHeader(name), value));
  }
  if (answer) {
    response.statusCode = answer.status;
    response.end(answer.body);
  }
  return !answer;
}

interface FastifyRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly routeOptions: { readonly url?: string; readonly bodyLimit?: number };
}

interface FastifyReply {
  code(status: number): this;
  header(name: string, value: string): this;
  getHeader(name: string): OutgoingHttpHeaders[string];
  send(body?: string): this;
}

interface RouteOptions {
  readonly url: string;
  bodyLimit?: number;
  errorHandler?: (
    error: { readonly statusCode?: number; readonly code?: string },
    request: FastifyRequest,
    reply: FastifyReply,
  ) => void;
}

/** The parts of a Fastify instance that are used. */
interface FastifyApplication {
  addHook(
    name: 'onRequest',
    hook: (
      request: FastifyRequest,
      reply: FastifyReply,
      done: () => void,
    ) => void,
  ): void;
  addHook(name: 'onRoute', hook: (route: RouteOptions) => void): void;
}

/** The router has chosen the route by the time of the hook, so its URL, not the request's, is compared. */
export function installFastifyHooks(
  application: FastifyApplication,
  path: string,
  door: OriginPolicy,
  maxRequestBytes: number | undefined,
): void {
  application.addHook('onRequest', (request, reply, done) => {
    if (
      request.routeOptions.url === path &&
      apply(door.admit(request.method, request.headers), reply)
    ) {
      return;
    }
    done();
  });
  application.addHook('onRoute', (route) => {
    if (route.url === path) {
      if (maxRequestBytes !== undefined) route.bodyLimit = maxRequestBytes;
      route.errorHandler = (error, request, reply) => {
        if (!isParserError(error)) {
          // A refusal of the application's own hooks has its own words.
          throw error;
        }
        const failure = parserFailure(
          error.statusCode ?? 500,
          request.routeOptions.bodyLimit,
        );
        reply
          .code(failure.status)
          .header('content-type', 'application/json')
          .send(failureBody(failure));
      };
    }
  });
}

/** The parser of JSON throws a bare SyntaxError. */
const isParserError = (error: { readonly code?: string }): boolean =>
  error instanceof SyntaxError ||
  error.code?.startsWith('FST_ERR_CTP_') === true;

/** Returns whether the request has been answered. */
function apply({ headers, answer }: Admission, reply: FastifyReply): boolean {
  for (const [name, value] of Object.entries(headers)) {
    reply.header(name, joinLists(name, reply.getHeader(name), value));
  }
  if (answer) {
    reply.code(answer.status).send(answer.body);
  }
  return answer !== undefined;
}

/**
 * Puts the front door before the endpoint and has the body parser's errors on
 * its path, and only there, answered in JSON-RPC. To be called while modules
 * are configured: later, routes would come first.
 *
 * @param maxRequestBytes undefined for what the application's parser allows
 * @throws Error for an adapter that is neither Express nor Fastify
 */
export function installEndpointHooks(
  adapter: HttpServer,
  path: string,
  door: OriginPolicy,
  maxRequestBytes: number | undefined,
): void {
  const type = adapter.getType();
  switch (type) {
    case 'express':
      installExpressHooks(
        adapter.getInstance(),
        adapter.getHttpServer() as Server,
        path,
        door,
      );
      if (maxRequestBytes !== undefined) {
        parseFirst(adapter as BodyParsing, path, maxRequestBytes);
      }
      return;
    case 'fastify':
      installFastifyHooks(adapter.getInstance(), path, door, maxRequestBytes);
      return;
    default:
      throw new Error(
        `McpModule serves Express and Fastify; the HTTP adapter is "${type}".`,
      );
  }
}
