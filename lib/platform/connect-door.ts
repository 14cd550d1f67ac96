import type { IncomingMessage, ServerResponse } from 'node:http';
import { comparablePath } from './express/express-route-index.js';
import {
  joinLists,
  type ParserAnswers,
  type PathHooks,
} from './http-platform.js';

/** A request of an adapter whose middleware is `(request, response, next)`. */
export type ConnectRequest = IncomingMessage & {
  /** As routes are matched by it. */
  readonly path: string;
  readonly body?: unknown;
};

export type ConnectNext = (error?: unknown) => void;

export type ConnectMiddleware = (
  request: ConnectRequest,
  response: ServerResponse,
  next: ConnectNext,
) => void;

export type ConnectErrorHandler = (
  error: unknown,
  request: ConnectRequest,
  response: ServerResponse,
  next: ConnectNext,
) => void;

/** Admits requests for one path, or answers them; `goOn` has those that may go on, all others go on at once. */
export function pathDoor(
  path: string,
  hooks: PathHooks,
  goOn: ConnectMiddleware,
): ConnectMiddleware {
  const own = comparablePath(path);
  return (request, response, next) => {
    if (comparablePath(request.path) !== own) next();
    else if (admit(hooks, request, response)) goOn(request, response, next);
  };
}

/** Answers what the parser does not take on one path. Middleware comes after the body parser, so a parser's error is let in here, too. */
export function parserDoor(
  path: string,
  hooks: PathHooks,
): ConnectErrorHandler {
  const own = comparablePath(path);
  return (error, request, response, next) => {
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
    } else if (admit(hooks, request, response)) {
      sendFailure(response, hooks.parserFailure(status, limit));
    }
  };
}

/** Answers errors with a status on the paths; those of other paths go on. */
export function parserAnswers({
  paths,
  answer,
}: ParserAnswers): ConnectErrorHandler {
  const isAmong = pathsMatcher(paths);
  return (error, { path }, response, next) => {
    const { status } = error as { status?: unknown };
    if (typeof status === 'number' && isAmong(path)) {
      answer(response, status);
    } else {
      next(error);
    }
  };
}

/** Whether a path is one of some; a parameter stands for one segment, and the case of letters is free. */
export function pathsMatcher(
  paths: readonly string[],
): (path: string) => boolean {
  const candidates = paths.map(segmentsOf);
  return (path) => {
    const given = segmentsOf(path);
    return candidates.some(
      (segments) =>
        segments.length === given.length &&
        segments.every(
          (segment, index) =>
            segment.startsWith(':') || segment === given[index],
        ),
    );
  };
}

function segmentsOf(path: string): readonly string[] {
  return path.toLowerCase().replace(/\/$/, '').split('/');
}

/** The part of an adapter on which parsers are registered as middleware. */
export interface ConnectParsing {
  useBodyParser(type: 'json', rawBody: boolean, options: object): unknown;
}

/** Runs a parser on one path alone. */
export function parserFor(
  path: string,
  parse: ConnectMiddleware,
): ConnectMiddleware {
  const own = comparablePath(path);
  return (request, response, next) => {
    if (comparablePath(request.path) === own) parse(request, response, next);
    else next();
  };
}

/** Answers the request, or sets the headers of its answer and lets it in. */
export function admit(
  hooks: PathHooks,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const { method = 'GET' } = request;
  const { headers, answer } = hooks.admit(method, request.headers);
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, joinLists(name, response.getHeader(name), value));
  }
  if (answer) {
    response.statusCode = answer.status;
    response.end(answer.body);
  }
  return !answer;
}

export function sendFailure(
  response: ServerResponse,
  { status, body }: ReturnType<PathHooks['parserFailure']>,
): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(body);
}
