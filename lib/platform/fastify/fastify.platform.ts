import { HttpException } from '@nestjs/common';
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';
import { parse } from 'node:querystring';
import { type InnerClasses, innerClasses } from '../inner-classes.js';
import { type HttpPair, parsedBody, setHeaders } from '../http-pair.js';
import {
  type ArrivingRequest,
  type Dispatch,
  type FindInnerRequest,
  HttpPlatform,
  joinLists,
  type ParserAnswers,
  type PathHooks,
  type QueryParser,
} from '../http-platform.js';

interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
  readonly routeOptions: { readonly url?: string; readonly bodyLimit?: number };
  query: unknown;
  auth?: unknown;
  user?: unknown;
}

interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): this;
  header(name: string, value: string): this;
  getHeader(name: string): OutgoingHttpHeaders[string];
  getHeaders(): OutgoingHttpHeaders;
  send(body?: string): this;
  hijack(): unknown;
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
interface FastifyInstance {
  ready(): Promise<unknown>;
  routing(request: IncomingMessage, response: ServerResponse): void;
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

/** Its router has chosen the route by the time of a hook, so the URL of the route, not of the request, is compared. */
export class FastifyPlatform extends HttpPlatform {
  override readonly pathSyntax = 'fastify';
  override readonly formSyntax = 'flat';
  override readonly triesRoutesInOrder = false;
  override readonly sharesPaths = false;

  private get instance(): FastifyInstance {
    return this.adapter.getInstance() as FastifyInstance;
  }

  override async ready(): Promise<void> {
    await this.instance.ready();
  }

  override takeOver(request: unknown, response: unknown): HttpPair {
    const { raw, body } = request as FastifyRequest;
    const reply = response as FastifyReply;
    reply.hijack();
    return {
      request: raw,
      response: reply.raw,
      body: parsedBody(body ?? undefined),
      headers: reply.getHeaders(),
    };
  }

  override routePathOf(request: unknown): string | undefined {
    return (request as FastifyRequest).routeOptions.url;
  }

  override onRequest(
    enter: (request: ArrivingRequest, next: () => void) => void,
  ): void {
    this.instance.addHook('onRequest', (request, _reply, done) =>
      enter(request, done),
    );
  }

  override onPath(path: string, hooks: PathHooks): void {
    this.instance.addHook('onRequest', (request, reply, done) => {
      if (request.routeOptions.url !== path || admit(hooks, request, reply)) {
        done();
      }
    });
    this.instance.addHook('onRoute', (route) => {
      if (route.url !== path) {
        return;
      }
      if (hooks.maxRequestBytes !== undefined) {
        route.bodyLimit = hooks.maxRequestBytes;
      }
      route.errorHandler = (error, request, reply) => {
        if (!isParserError(error)) {
          // A refusal of the application's own hooks has its own words.
          throw error;
        }
        const { status, body } = hooks.parserFailure(
          error.statusCode ?? 500,
          request.routeOptions.bodyLimit,
        );
        reply
          .code(status)
          .header('content-type', 'application/json')
          .send(body);
      };
    });
  }

  override onParserFailure({
    paths,
    maxRequestBytes,
    answer,
  }: ParserAnswers): void {
    this.instance.addHook('onRoute', (route) => {
      if (paths.includes(route.url)) {
        route.bodyLimit = maxRequestBytes;
        route.errorHandler = (error, _request, reply) => {
          reply.hijack();
          setHeaders(reply.raw, reply.getHeaders());
          answer(reply.raw, statusOf(error));
        };
      }
    });
  }

  /** Guards and decorators see the `FastifyRequest`, and not the raw request; its query was read before any hook. */
  override watchInnerRequests(find: FindInnerRequest): void {
    this.instance.addHook('onRequest', (request, _reply, done) => {
      const inner = find(request.raw);
      if (inner !== undefined) {
        const { auth, user, query, destination } = inner;
        if (auth !== undefined) request.auth = auth;
        if (user !== undefined) request.user = user;
        if (query !== undefined) request.query = query;
        const { url } = request.routeOptions;
        // There is no route behind Fastify's own answer of 404.
        if (url !== undefined && destination?.isAt(url) === false) {
          destination.refuse();
          return;
        }
      }
      done();
    });
  }

  override createDispatch(): Dispatch {
    const { instance } = this;
    return (request, response) => instance.routing(request, response);
  }

  override innerClasses(): InnerClasses {
    return innerClasses();
  }

  override queryParser(): QueryParser {
    const parser = routerOptions(this.instance)?.querystringParser;
    return isParser(parser) ? parser : (query) => parse(query);
  }

  /** A fixed path comes before any pattern. */
  override firstRoutePath(): undefined {
    return undefined;
  }

  override foreignRoutes(): undefined {
    return undefined;
  }
}

/** Fastify's own parsers give it one name, those that Nest adds another. */
function statusOf(error: { readonly statusCode?: unknown }): number {
  if (error instanceof HttpException) {
    return error.getStatus();
  }
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}

/** The parser of JSON throws a bare SyntaxError. */
function isParserError(error: { readonly code?: string }): boolean {
  return (
    error instanceof SyntaxError ||
    error.code?.startsWith('FST_ERR_CTP_') === true
  );
}

/** Answers the request, or sets the headers of its answer and lets it in. */
function admit(
  hooks: PathHooks,
  request: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const { headers, answer } = hooks.admit(request.method, request.headers);
  for (const [name, value] of Object.entries(headers)) {
    reply.header(name, joinLists(name, reply.getHeader(name), value));
  }
  if (answer) {
    reply.code(answer.status).send(answer.body);
  }
  return !answer;
}

interface FastifyRouterOptions {
  readonly querystringParser?: unknown;
}

function routerOptions(instance: object): FastifyRouterOptions | undefined {
  const { initialConfig } = instance as {
    initialConfig?: { routerOptions?: FastifyRouterOptions };
  };
  if (isParser(initialConfig?.routerOptions?.querystringParser)) {
    return initialConfig.routerOptions;
  }
  // Given at the top level, the option is left out of `initialConfig`.
  const key = Object.getOwnPropertySymbols(instance).find(
    (symbol) => symbol.description === 'fastify.options',
  );
  const options = key && (instance as Record<symbol, unknown>)[key];
  return (options as { routerOptions?: FastifyRouterOptions } | undefined)
    ?.routerOptions;
}

function isParser(value: unknown): value is QueryParser {
  return typeof value === 'function';
}
