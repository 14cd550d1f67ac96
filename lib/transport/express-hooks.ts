import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { destinationOf } from '../invocation/call/mcp-call.js';
import { createExpressContinuation } from '../nest/express-dispatch.js';
import { comparablePath } from '../nest/express-path.js';
import { keepExpressShapes } from '../nest/express-shapes.js';
import { type FrontDoor, joinLists } from './front-door.js';
import { failureBody, parserFailure } from './json-rpc-error.js';

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
  door: FrontDoor,
): void {
  keepExpressShapes(server, application, path);
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
  door: FrontDoor,
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
