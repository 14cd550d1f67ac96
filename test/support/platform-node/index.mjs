// Stands in for `@nestjs/platform-node` where that cannot be installed: an
// adapter on node:http alone, of the same contract.
import http from 'node:http';
import https from 'node:https';
import bodyParser from 'body-parser';
import cors from 'cors';
import { pathToRegexp } from 'path-to-regexp';
import { Logger, RequestMethod, StreamableFile } from '@nestjs/common';
import { AbstractHttpAdapter } from '@nestjs/core';
import { LegacyRouteConverter } from '@nestjs/core/router/legacy-route-converter.js';
import { ExpressAdapter } from '@nestjs/platform-express';
import { NodeRequest, NodeResponse, routingPath } from './node-http.mjs';
import { NodeRouter } from './node-router.mjs';

const slashed = (path = '') => `/${path}`.replace(/^\/+/, '/');

function parserOptions(rawBody, options) {
  const verify = (request, _response, body) => void (request.rawBody = body);
  return rawBody ? { ...options, verify } : (options ?? {});
}

export class NodeAdapter extends AbstractHttpAdapter {
  logger = new Logger(NodeAdapter.name);
  #connections = new Set();
  #prefixes = new Set();
  #isClosing = false;
  #onRequest;
  #onResponse;

  constructor(router) {
    super();
    this.setInstance(
      router ?? new NodeRouter((...args) => this.#last(...args)),
    );
  }

  getType() {
    return 'node';
  }

  isRouteOrderSensitive() {
    return false;
  }

  initHttpServer(options) {
    const classes = {
      IncomingMessage: NodeRequest,
      ServerResponse: NodeResponse,
    };
    const listener = (request, response) => this.#serve(request, response);
    this.httpServer = options?.httpsOptions
      ? https.createServer({ ...options.httpsOptions, ...classes }, listener)
      : http.createServer(classes, listener);
    if (options?.return503OnClosing) {
      this.use((_request, response, next) => {
        if (!this.#isClosing) return next();
        response.set('Connection', 'close').status(503);
        response.end('Service Unavailable');
      });
    }
    if (options?.forceCloseConnections) {
      this.httpServer.on('connection', (socket) => {
        this.#connections.add(socket);
        socket.on('close', () => this.#connections.delete(socket));
      });
    }
  }

  listen(port, ...args) {
    return this.httpServer.listen(port, ...args);
  }

  beforeClose() {
    this.#isClosing = true;
  }

  /** Idle connections are left to their clients. */
  close() {
    this.#isClosing = true;
    for (const socket of this.#connections) socket.destroy();
    return (
      this.httpServer && new Promise((done) => this.httpServer.close(done))
    );
  }

  setOnRequestHook(hook) {
    this.#onRequest = hook;
  }

  setOnResponseHook(hook) {
    this.#onResponse = hook;
  }

  registerParserMiddleware(_prefix, rawBody) {
    for (const [name, type, options] of [
      ['jsonParser', 'json'],
      ['urlencodedParser', 'urlencoded', { extended: true }],
    ]) {
      if (!this.instance.hasMiddleware(name)) {
        this.useBodyParser(type, rawBody, options);
      }
    }
  }

  useBodyParser(type, rawBody, options) {
    this.use(bodyParser[type](parserOptions(rawBody, options)));
    return this;
  }

  createMiddlewareFactory(method) {
    const name = RequestMethod[method];
    const verb = name === 'ALL' ? undefined : name;
    return (path, callback) => {
      // Nest's sign for a path that is to match as a whole.
      const isExact = path.endsWith('$');
      const converted = LegacyRouteConverter.tryConvert(
        path.replace(/\$$/, ''),
      );
      // The slash at the end is for the pattern that Nest registers beside it.
      const handler = isExact
        ? (request, response, next) =>
            routingPath(request.url).endsWith('/')
              ? next()
              : callback(request, response, next)
        : callback;
      return name === undefined && !isExact
        ? this.instance.use(converted, handler)
        : this.instance.useExact(verb, converted, handler);
    };
  }

  normalizePath(path) {
    const converted = LegacyRouteConverter.tryConvert(path);
    pathToRegexp(converted);
    return converted;
  }

  setErrorHandler(handler) {
    return this.use(handler);
  }

  setNotFoundHandler(handler, prefix, excludedRoutes = []) {
    const own = slashed(prefix).replace(/\/$/, '');
    if (own) {
      this.#prefixes.add(own);
      this.use(own, handler);
      for (const { path } of excludedRoutes) {
        this.instance.useExact(undefined, slashed(path), handler);
      }
      return this;
    }
    return this.use((request, response, next) => {
      const path = `${routingPath(request.url)}/`;
      const isOfAnother = [...this.#prefixes].some((each) =>
        path.startsWith(`${each}/`),
      );
      return isOfAnother ? next() : handler(request, response, next);
    });
  }

  enableCors(options) {
    return this.use(cors(options));
  }

  reply(response, body, status) {
    if (status !== undefined && status !== null) response.status(status);
    if (body instanceof StreamableFile) return this.#stream(response, body);
    const type = response.getHeader('Content-Type');
    if (body?.statusCode >= 400 && type && !/json/i.test(String(type))) {
      response.setHeader('Content-Type', 'application/json');
    }
    return response.send(body);
  }

  status(response, code) {
    return response.status(code);
  }

  end(response, message) {
    return response.end(message);
  }

  redirect(response, status, url) {
    return response.redirect(status, url);
  }

  render() {
    throw new Error('The stand-in has no views');
  }

  useStaticAssets() {
    throw new Error('The stand-in serves no files');
  }

  setViewEngine() {
    throw new Error('The stand-in has no views');
  }

  getRequestHostname(request) {
    return request.hostname;
  }

  getRequestMethod(request) {
    return request.method;
  }

  getRequestUrl(request) {
    return request.originalUrl ?? request.url;
  }

  isHeadersSent(response) {
    return response.headersSent;
  }

  getHeader(response, name) {
    return response.getHeader(name);
  }

  setHeader(response, name, value) {
    return response.setHeader(name, value);
  }

  appendHeader(response, name, value) {
    return response.appendHeader(name, value);
  }

  #serve(request, response) {
    const go = () => this.instance.handle(request, response);
    if (this.#onResponse) {
      response.on('finish', () => void this.#onResponse(request, response));
    }
    if (this.#onRequest) void this.#onRequest(request, response, go);
    else go();
  }

  #last(error, request, response) {
    if (response.headersSent) {
      request.socket.destroy();
    } else if (error === undefined) {
      response.status(404).send(`Cannot ${request.method} ${request.path}`);
    } else {
      const { statusCode, status = statusCode } = error;
      response.sendStatus(status >= 400 && status < 600 ? status : 500);
    }
  }

  #stream(response, file) {
    const { type, disposition, length } = file.getHeaders();
    for (const [name, value] of [
      ['Content-Type', type],
      ['Content-Disposition', disposition],
      ['Content-Length', length],
    ]) {
      if (value !== undefined && !response.hasHeader(name)) {
        response.setHeader(name, value);
      }
    }
    const stream = file.getStream();
    stream.once('error', (error) => file.errorHandler(error, response));
    response.once('close', () => stream.readableEnded || stream.destroy());
    return stream.pipe(response).on('error', (e) => file.errorLogger(e));
  }
}

// What is alike on both, and asks nothing of the adapter.
for (const name of ['applyVersionFilter', 'mapException']) {
  NodeAdapter.prototype[name] = ExpressAdapter.prototype[name];
}
