import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { type Admission, type FrontDoor, joinLists } from './front-door.js';
import { failureBody, parserFailure } from './json-rpc-error.js';

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
  door: FrontDoor,
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
