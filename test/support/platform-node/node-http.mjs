// The requests and responses of the stand-in: Node's own, with the helpers of
// Express that middleware and Nest use most on their prototypes.
import { IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import { parse } from 'node:querystring';
import sanitizer from 'find-my-way/lib/url-sanitizer.js';

// Properties, as a request may have been made by another class.
const QUERY = Symbol('query');
const LOCALS = Symbol('locals');
/** Statuses whose answers have no body. */
const BODILESS = new Set([204, 205, 304]);

/**
 * The path that routes and middleware are matched by: decoded but for reserved
 * characters, so that `/%61dmin` is `/admin` to both.
 *
 * @throws URIError of status 400 for a target that is no path
 */
export function routingPath(url) {
  try {
    return decodedPath(url);
  } catch (error) {
    throw Object.assign(new URIError(error.message), { status: 400 });
  }
}

function decodedPath(url) {
  const target = /^https?:\/\//i.test(url)
    ? (({ pathname, search }) => pathname + search)(new URL(url))
    : url;
  if (target.includes('#')) {
    throw new URIError(`Invalid request target: "${url}"`);
  }
  return sanitizer.safeDecodeURI(target, false).path;
}

export class NodeRequest extends IncomingMessage {
  get query() {
    if (this[QUERY] === undefined) {
      const at = this.url.indexOf('?');
      this[QUERY] = at < 0 ? {} : parse(this.url.slice(at + 1));
    }
    return this[QUERY];
  }

  set query(value) {
    this[QUERY] = value;
  }

  get path() {
    try {
      return routingPath(this.url);
    } catch {
      // It reaches no route.
      return this.url.split('?', 1)[0];
    }
  }

  /** Without a port. */
  get hostname() {
    return /^(\[.*\]|[^:]*)/.exec(this.headers.host ?? '')[0] || undefined;
  }

  get ip() {
    return this.socket?.remoteAddress;
  }

  get protocol() {
    return this.socket?.encrypted ? 'https' : 'http';
  }

  get secure() {
    return this.protocol === 'https';
  }

  get(name) {
    return this.headers[name.toLowerCase()];
  }

  header(name) {
    return this.get(name);
  }
}

// Middleware asks whether a request has one.
Object.defineProperty(NodeRequest.prototype, 'body', {
  value: undefined,
  writable: true,
  configurable: true,
});

export class NodeResponse extends ServerResponse {
  get locals() {
    return (this[LOCALS] ??= Object.create(null));
  }

  set locals(value) {
    this[LOCALS] = value;
  }

  status(code) {
    this.statusCode = code;
    return this;
  }

  set(name, value) {
    if (typeof name === 'object') {
      for (const each of Object.entries(name)) this.set(...each);
    } else {
      const values = Array.isArray(value) ? value.map(String) : String(value);
      this.setHeader(name, values);
    }
    return this;
  }

  header(name, value) {
    return this.set(name, value);
  }

  get(name) {
    return this.getHeader(name);
  }

  /** @param type a media type */
  type(type) {
    return this.set('Content-Type', type);
  }

  json(body) {
    return end(this, JSON.stringify(body), 'application/json; charset=utf-8');
  }

  /** Text is plain text, where Express says that it is HTML. */
  send(body) {
    if (body === undefined || body === null) {
      return end(this);
    }
    if (body instanceof Uint8Array) {
      return end(this, body, 'application/octet-stream');
    }
    return typeof body === 'object'
      ? this.json(body)
      : end(this, String(body), 'text/plain; charset=utf-8');
  }

  sendStatus(code) {
    return this.status(code).send(STATUS_CODES[code] ?? String(code));
  }

  redirect(...args) {
    const [status, url] = args.length > 1 ? args : [302, ...args];
    this.status(status).setHeader('Location', encodeURI(url));
    this.end();
  }
}

function end(response, body, type) {
  if (BODILESS.has(response.statusCode)) {
    response.removeHeader('Content-Type');
    response.removeHeader('Content-Length');
    return response.end();
  }
  if (body === undefined) {
    return response.end();
  }
  if (!response.hasHeader('Content-Type')) {
    response.setHeader('Content-Type', type);
  }
  response.setHeader('Content-Length', Buffer.byteLength(body));
  return response.end(body);
}
