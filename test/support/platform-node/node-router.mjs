// The router of the stand-in: middleware in its order, and between it tables of
// routes, in which the most specific one is found, whatever the order.
import { METHODS } from 'node:http';
import findMyWay from 'find-my-way';
import { match, parse } from 'path-to-regexp';
import { NodeRequest, NodeResponse, routingPath } from './node-http.mjs';

const OPTIONS = { ignoreTrailingSlash: true, maxParamLength: 100 };
/** Of more optional groups than these, not all forms are made. */
const MOST_GROUPS = 6;

/** Calls a handler; a promise that rejects is an error as well. */
function run(handler, args, next) {
  try {
    Promise.resolve(handler(...args, next)).catch((error) =>
      next(error ?? new Error('Rejected')),
    );
  } catch (error) {
    next(error ?? new Error('Thrown'));
  }
}

const loose = (path) => (path === '/' ? path : path.replace(/\/+$/, ''));

/** The forms of a pattern with and without each of its optional groups, those with them first. */
function formsOf(tokens) {
  return tokens.reduce(
    (forms, token) =>
      token.type === 'group'
        ? forms.flatMap((form) => [
            ...formsOf(token.tokens).map((inner) => [...form, ...inner]),
            form,
          ])
        : forms.map((form) => [...form, token]),
    [[]],
  );
}

/** A form in the syntax of the radix tree; undefined where it has no words for it. */
function treePath(form) {
  let path = '';
  const names = [];
  for (const [i, { type, value, name }] of form.entries()) {
    const after = form[i + 1];
    if (type === 'text') {
      if (/[*?(]/.test(value)) return undefined;
      path += value.replaceAll(':', '::');
    } else if (type === 'param') {
      if (after && !/^[/.-]/.test(after.value ?? '')) return undefined;
      path += `:p${names.length}`;
      names.push(name);
    } else {
      if (after) return undefined;
      path += '*';
      names.push(name);
    }
  }
  return { path: path || '/', names, isWild: form.at(-1)?.type === 'wildcard' };
}

/** Routes that were registered in a row. */
class RouteTable {
  #trees = { own: findMyWay(OPTIONS), all: findMyWay(OPTIONS) };
  #records = new Map();
  /** What the tree cannot hold. */
  #others = [];
  #count = 0;

  /** @param method null for every one */
  add(method, path, handler) {
    const place = this.#count++;
    const { tokens } = parse(path);
    const groups = JSON.stringify(tokens).split('"group"').length - 1;
    const forms =
      groups > MOST_GROUPS ? [undefined] : formsOf(tokens).map(treePath);
    if (forms.includes(undefined)) {
      const matches = match(loose(path));
      this.#others.push({ method, matches, handler });
      return;
    }
    for (const { path: key, names, isWild } of new Map(
      forms.reverse().map((form) => [form.path, form]),
    ).values()) {
      const known = this.#records.get(`${method} ${key}`);
      if (known) {
        known.routes.push({ place, handler, names });
        continue;
      }
      const record = { routes: [{ place, handler, names }], isWild };
      this.#records.set(`${method} ${key}`, record);
      const tree = method === null ? this.#trees.all : this.#trees.own;
      tree.on(method ?? 'GET', key, () => undefined, record);
    }
  }

  /** The handlers of the routes that share the most specific path, in their order; null without one. */
  lookup(method, path) {
    const own =
      this.#find(this.#trees.own, method, path) ??
      (method === 'HEAD' ? this.#find(this.#trees.own, 'GET', path) : null);
    const all = this.#find(this.#trees.all, 'GET', path);
    if (own || all) {
      const routes = [...(own?.routes ?? []), ...(all?.routes ?? [])];
      return {
        handlers: routes
          .sort((a, b) => a.place - b.place)
          .map(({ handler }) => handler),
        params: { ...all?.params, ...own?.params },
      };
    }
    const found = this.#others.flatMap(({ method: one, matches, handler }) => {
      const hasMethod =
        one === null || one === method || (method === 'HEAD' && one === 'GET');
      const result = hasMethod && matches(path);
      return result ? [{ handler, params: result.params }] : [];
    });
    return found.length === 0
      ? null
      : {
          handlers: found.map(({ handler }) => handler),
          params: found[0].params,
        };
  }

  #find(tree, method, path) {
    const found = tree.find(method, path);
    if (!found) {
      return null;
    }
    const { routes, isWild } = found.store;
    const values = Object.values(found.params);
    if (values.includes('')) {
      return null;
    }
    const params = {};
    for (const { names } of routes) {
      for (const [i, name] of names.entries()) {
        params[name] =
          isWild && i === names.length - 1 ? values[i].split('/') : values[i];
      }
    }
    return { routes, params };
  }
}

/** A request listener, and what Nest calls the instance of the adapter. */
export class NodeRouter {
  /** @param last gets what nobody has answered */
  constructor(last) {
    const router = (request, response, done) =>
      router.handle(request, response, done);
    Object.setPrototypeOf(router, new.target.prototype);
    return Object.assign(router, { stack: [], last });
  }

  handle(request, response, done) {
    if (!(request instanceof NodeRequest)) {
      Object.setPrototypeOf(request, NodeRequest.prototype);
    }
    if (!(response instanceof NodeResponse)) {
      Object.setPrototypeOf(response, NodeResponse.prototype);
    }
    request.originalUrl ??= request.url;
    request.baseUrl ??= '';
    request.params ??= {};
    new Walk(this, request, response, done).next();
  }

  use(...args) {
    const path = typeof args[0] === 'string' ? args.shift() : '/';
    const isEverywhere = path === '/' || path === '';
    const matcher = isEverywhere ? null : match(loose(path), { end: false });
    for (const handler of args.flat()) {
      if (typeof handler !== 'function') {
        throw new TypeError('use() takes functions');
      }
      const isErrorHandler = handler.length === 4;
      const isMount = !isEverywhere;
      this.stack.push({ matcher, isMount, handler, isErrorHandler });
    }
    return this;
  }

  /** A middleware for the whole path, and for one method where it is given. */
  useExact(method, path, handler) {
    const matcher = match(loose(path));
    const layer = { matcher, isMount: false, isErrorHandler: false };
    this.stack.push({ ...layer, method, handler });
    return this;
  }

  hasMiddleware(name) {
    return this.stack.some((layer) => layer.handler?.name === name);
  }

  /** @param method null for every one */
  route(method, path, handler) {
    if (!this.stack.at(-1)?.table) {
      this.stack.push({ table: new RouteTable() });
    }
    this.stack.at(-1).table.add(method, path, handler);
    return this;
  }
}

for (const method of [...METHODS, 'QUERY', null]) {
  NodeRouter.prototype[method?.toLowerCase() ?? 'all'] = function (...args) {
    const path = typeof args[0] === 'string' ? args.shift() : '/';
    for (const handler of args.flat()) this.route(method, path, handler);
    return this;
  };
}
Object.setPrototypeOf(NodeRouter.prototype, Function.prototype);

/** One request on its way through the layers. */
class Walk {
  #at = 0;
  #handlers = [];
  /** What a mount has taken off the URL. */
  #mounted;

  constructor(router, request, response, done) {
    Object.assign(this, { router, request, response, done });
  }

  next = (error) => {
    const { router, request, response, next } = this;
    if (error === 'route' || error === 'router') error = undefined;
    if (this.#mounted) {
      Object.assign(request, this.#mounted);
      this.#mounted = undefined;
    }
    const [handler] = this.#handlers.splice(0, 1);
    if (handler && error === undefined) {
      run(handler, [request, response], next);
      return;
    }
    this.#handlers = [];
    while (this.#at < router.stack.length) {
      const layer = router.stack[this.#at++];
      let path = '';
      try {
        path = routingPath(request.url);
      } catch (malformed) {
        error ??= malformed;
      }
      try {
        if (this.#enter(layer, path, error)) return;
      } catch (thrown) {
        error ??= thrown;
      }
    }
    (this.done ?? ((failure) => router.last(failure, request, response)))(
      error,
    );
  };

  /** @returns whether the layer has the request now */
  #enter(layer, path, error) {
    const { request, response, next } = this;
    if (layer.table) {
      const found =
        error === undefined && layer.table.lookup(request.method, path);
      if (!found) return false;
      request.params = found.params;
      const [first, ...rest] = found.handlers;
      this.#handlers = rest;
      run(first, [request, response], next);
      return true;
    }
    const { method, matcher, handler, isErrorHandler, isMount } = layer;
    const hasMethod =
      method === undefined ||
      method === request.method ||
      (method === 'GET' && request.method === 'HEAD');
    if (!hasMethod || isErrorHandler !== (error !== undefined)) {
      return false;
    }
    if (matcher) {
      const found = matcher(path);
      if (!found) return false;
      request.params = found.params;
      if (isMount) this.#mount(found.path);
    }
    const args = isErrorHandler ? [error] : [];
    run(handler, [...args, request, response], next);
    return true;
  }

  /** Takes as many segments off the URL as the path of the mount has. */
  #mount(path) {
    const { request } = this;
    const { url, baseUrl } = request;
    this.#mounted = { url, baseUrl };
    const [, ...segments] = path.replace(/\/$/, '').split('/');
    const begin = new RegExp(`^(?:/[^/?]*){${segments.length}}`);
    request.url = url.replace(begin, '').replace(/^(?!\/)/, '/');
    request.baseUrl = baseUrl + path.replace(/\/$/, '');
  }
}
