import type { HttpServer } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import {
  type ConnectMiddleware,
  type ConnectParsing,
  type ConnectRequest,
  parserAnswers,
  parserDoor,
  parserFor,
  pathDoor,
} from '../connect-door.js';
import { type HttpPair, parsedBody } from '../http-pair.js';
import type {
  ArrivingRequest,
  Dispatch,
  FindInnerRequest,
  ForeignRoutes,
  ParserAnswers,
  PathHooks,
} from '../http-platform.js';
import { NodeGate, type NodeRouter, takenBy } from './node-router.js';
import { ServerPlatform } from './server.platform.js';

/** `@nestjs/platform-node`: a router of its own on Node's server, with middleware and body parsers as Express has them. */
export class NodePlatform extends ServerPlatform {
  override readonly formSyntax = 'brackets';
  override readonly triesRoutesInOrder = false;
  override readonly sharesPaths = true;
  private find: FindInnerRequest = () => undefined;

  private get router(): NodeRouter {
    return this.adapter.getInstance() as NodeRouter;
  }

  override takeOver(request: unknown, response: unknown): HttpPair {
    return {
      request: request as ConnectRequest,
      response: response as ServerResponse,
      body: parsedBody((request as ConnectRequest).body),
      headers: {},
    };
  }

  override onRequest(
    enter: (request: ArrivingRequest, next: () => void) => void,
  ): void {
    const pass: ConnectMiddleware = (request, _response, next) =>
      enter(request, next);
    this.router.use(pass);
  }

  override onPath(path: string, hooks: PathHooks): void {
    const { router } = this;
    this.rememberPath(path);
    router.use(pathDoor(path, hooks, (_request, _response, next) => next()));
    router.use(parserDoor(path, hooks));
    if (hooks.maxRequestBytes !== undefined) {
      this.parseFirst(path, hooks.maxRequestBytes);
    }
  }

  override onParserFailure(answers: ParserAnswers): void {
    this.router.use(parserAnswers(answers));
  }

  override watchInnerRequests(find: FindInnerRequest): void {
    this.find = find;
  }

  override createDispatch(): Dispatch {
    const dispatch = super.createDispatch();
    const gate = new NodeGate(
      this.router,
      (request) => this.find(request)?.destination,
    );
    return (request, response) => {
      gate.close();
      dispatch(request, response);
    };
  }

  override foreignRoutes(): ForeignRoutes {
    const { router } = this;
    return { taking: (method, path) => takenBy(router, method, path) };
  }

  /** Puts a JSON parser of its own before those of the application, which Nest has registered before modules are configured. */
  private parseFirst(path: string, limit: number): void {
    const { stack } = this.router;
    const before = stack.length;
    const adapter = this.adapter as HttpServer & ConnectParsing;
    adapter.useBodyParser('json', false, { limit });
    for (const layer of stack.splice(before)) {
      const handler = parserFor(path, layer.handler as ConnectMiddleware);
      stack.unshift({ ...layer, handler });
    }
  }
}
