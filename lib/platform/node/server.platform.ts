import { type HttpServer, NotFoundException } from '@nestjs/common';
import {
  IncomingMessage,
  Server as PlainServer,
  ServerResponse,
} from 'node:http';
import { Server as SecureServer } from 'node:https';
import { parse } from 'node:querystring';
import { admit, pathsMatcher, sendFailure } from '../connect-door.js';
import { comparablePath } from '../express/express-route-index.js';
import { type HttpPair, nodeRequestOf, parsedBody } from '../http-pair.js';
import {
  type ArrivingRequest,
  type Dispatch,
  type FindInnerRequest,
  type ForeignRoutes,
  HttpPlatform,
  type ParserAnswers,
  type PathHooks,
  type QueryParser,
} from '../http-platform.js';
import { type InnerClasses, innerClasses } from '../inner-classes.js';

type NodeServer = PlainServer | SecureServer;

/** Comes before the listeners of the server. */
type Step = (
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
) => void;

/**
 * Any adapter that serves a `node:http` server, known by that server alone: its
 * `request` listeners are the application. What comes before routes stands before
 * these listeners. Requests have to be Node's own, or to have it as `raw`.
 *
 * How the adapter finds routes is not known: routes that the application has
 * registered on it beside those of Nest are not closed to inner requests.
 */
export class ServerPlatform extends HttpPlatform {
  override readonly pathSyntax: 'express' | 'fastify' = 'express';
  override readonly formSyntax: 'brackets' | 'flat' = 'flat';
  override readonly triesRoutesInOrder: boolean =
    (this.adapter as Partial<HttpServer>).isRouteOrderSensitive?.() ?? true;
  override readonly sharesPaths: boolean = this.triesRoutesInOrder;
  protected readonly server: NodeServer;
  private readonly steps: Step[] = [];
  /** Paths with a door, by their comparable form. */
  private readonly paths = new Map<string, string>();
  private readonly admitted = new WeakSet<object>();

  /** @throws Error for an adapter without such a server */
  constructor(adapter: HttpServer) {
    super(adapter);
    this.server = serverOf(adapter);
  }

  override ready(): Promise<void> {
    return Promise.resolve();
  }

  override takeOver(request: unknown, response: unknown): HttpPair {
    const raw = nodeRequestOf(request as object);
    const answer = (response as { raw?: unknown }).raw ?? response;
    if (
      !(raw instanceof IncomingMessage) ||
      !(answer instanceof ServerResponse)
    ) {
      throw new Error(
        `The HTTP adapter "${this.adapter.getType()}" gives controllers ` +
          "requests that are neither Node's own nor have it as `raw`.",
      );
    }
    this.refuseUnknown(raw);
    const { body } = request as { body?: unknown };
    return {
      request: raw,
      response: answer,
      body: parsedBody(body ?? undefined),
      headers: {},
    };
  }

  override routePathOf(request: unknown): string | undefined {
    const { url = '' } = nodeRequestOf(request as object) as IncomingMessage;
    return this.paths.get(comparablePath(decodedPath(url)));
  }

  override onRequest(
    enter: (request: ArrivingRequest, next: () => void) => void,
  ): void {
    this.addStep((request, _response, next) => enter(request, next));
  }

  /** The parser is the adapter's affair: of a body, only the length that it says is looked at. */
  override onPath(path: string, hooks: PathHooks): void {
    const own = comparablePath(path);
    const { maxRequestBytes } = hooks;
    this.rememberPath(path);
    this.addStep((request, response, next) => {
      if (comparablePath(decodedPath(request.url ?? '')) !== own) {
        next();
        return;
      }
      if (!admit(hooks, request, response)) return;
      const status =
        maxRequestBytes === undefined
          ? undefined
          : lengthRefusal(request, maxRequestBytes);
      if (status !== undefined) {
        sendFailure(response, hooks.parserFailure(status, maxRequestBytes));
        return;
      }
      this.admitted.add(request);
      next();
    });
  }

  /** As above: the parser's own answer to what it does not take stays. */
  override onParserFailure({
    paths,
    maxRequestBytes,
    answer,
  }: ParserAnswers): void {
    const isAmong = pathsMatcher(paths);
    this.addStep((request, response, next) => {
      if (!isAmong(decodedPath(request.url ?? ''))) {
        next();
        return;
      }
      if (Number(request.headers['content-length'] ?? 0) > maxRequestBytes) {
        answer(response, 413);
        return;
      }
      this.admitted.add(request);
      next();
    });
  }

  override watchInnerRequests(_find: FindInnerRequest): void {
    // Node's own request carries all that there is to know.
  }

  /** Past whatever watches the server from outside, as a call is no request that came in. */
  override createDispatch(): Dispatch {
    const { server } = this;
    return (request, response) =>
      this.pass(request, response, () => {
        for (const listener of server.listeners('request')) {
          Reflect.apply(listener, server, [request, response]);
        }
      });
  }

  /** Those that the server was created with. */
  override innerClasses(): InnerClasses {
    const known = innerClasses();
    return {
      Request: this.classOf('IncomingMessage') ?? known.Request,
      Response: this.classOf('ServerResponse') ?? known.Response,
    };
  }

  /** That of the server's requests, where they have one. */
  override queryParser(): QueryParser {
    const { prototype } = this.innerClasses().Request;
    return 'query' in prototype
      ? (query) => {
          const request = new (this.innerClasses().Request)(undefined as never);
          request.url = `/?${query}`;
          return (request as unknown as { query: unknown }).query;
        }
      : (query) => parse(query);
  }

  override firstRoutePath(): string | undefined {
    return undefined;
  }

  override foreignRoutes(): ForeignRoutes | undefined {
    return undefined;
  }

  protected rememberPath(path: string): void {
    this.paths.set(comparablePath(path), path);
  }

  /** An adapter may find the endpoint by a path that looks like another one. */
  private refuseUnknown(request: object): void {
    if (!this.admitted.has(request)) {
      // The answer to this is written by way of the same method.
      this.admitted.add(request);
      throw new NotFoundException();
    }
  }

  private addStep(step: Step): void {
    this.steps.push(step);
    // Listeners may come and go, as adapters and what is attached to their
    // server see fit: only before all of them is a place that stays.
    if (this.steps.length > 1) return;
    const { server } = this;
    const emit = server.emit.bind(server) as (...args: unknown[]) => boolean;
    const emitBehind = (...args: unknown[]): boolean => {
      const [event, request, response] = args;
      if (event !== 'request') return emit(...args);
      this.pass(
        request as IncomingMessage,
        response as ServerResponse,
        () => void emit(...args),
      );
      return true;
    };
    server.emit = emitBehind;
  }

  private pass(
    request: IncomingMessage,
    response: ServerResponse,
    done: () => void,
  ): void {
    const from = (index: number): void => {
      const step = this.steps[index];
      if (step) step(request, response, () => from(index + 1));
      else done();
    };
    from(0);
  }

  /** Node keeps them under symbols of these names. */
  private classOf<K extends string, T>(name: K): T | undefined {
    const symbol = Object.getOwnPropertySymbols(this.server).find(
      ({ description }) => description === name,
    );
    return symbol && (this.server as unknown as Record<symbol, T>)[symbol];
  }
}

function serverOf(adapter: HttpServer): NodeServer {
  // Nest's interface promises it; an adapter without HTTP may have none.
  const server: unknown = (adapter as Partial<HttpServer>).getHttpServer?.();
  if (server instanceof PlainServer || server instanceof SecureServer) {
    return server;
  }
  throw new Error(
    `McpModule cannot serve the HTTP adapter "${adapter.getType()}": its server ` +
      'is none of node:http. Use @nestjs/platform-express, ' +
      '@nestjs/platform-fastify or @nestjs/platform-node.',
  );
}

/** Of a target that is a path or a whole URL; decoded, as many routers do. */
export function decodedPath(url: string): string {
  const [path = ''] = url.replace(/^https?:\/\/[^/?#]*/i, '').split(/[?#]/);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** The status of a refusal: a body in chunks does not say how long it is. */
function lengthRefusal(
  { headers }: IncomingMessage,
  limit: number,
): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return 411;
  return Number(headers['content-length'] ?? 0) > limit ? 413 : undefined;
}
