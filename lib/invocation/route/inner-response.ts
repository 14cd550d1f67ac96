import { type IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { bytesToCollect, type ResponseSink } from './response-recorder.js';
import type { RouteResponse } from './route-response.js';

const DECODERS: Readonly<
  Record<
    string,
    (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>
  >
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Undoes a `Content-Encoding`. None is asked for, so that compression
 * middleware leaves the answer alone; a route may still send what it keeps
 * compressed.
 *
 * @param maxResultBytes where the decoded body passes what may be collected for
 * it, the response counts as stopped
 */
export async function decodeContent(
  response: RouteResponse,
  maxResultBytes: number,
): Promise<RouteResponse> {
  const encoding = String(response.headers['content-encoding'])
    .trim()
    .toLowerCase();
  const decode = DECODERS[encoding];
  if (decode === undefined || response.stopped) {
    return response;
  }
  try {
    const body = await decode(response.body, {
      maxOutputLength: bytesToCollect(response.headers, maxResultBytes),
    });
    return { ...response, body };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      return { ...response, body: Buffer.alloc(0), stopped: true };
    }
    throw error;
  }
}

/** The last argument of `writeHead`. */
type HeadersArgument =
  | Readonly<Record<string, number | string | readonly string[] | undefined>>
  | readonly (number | string | readonly string[])[]
  | undefined
  | null;

/** Sets the headers given to `writeHead`, an object or a flat list, beside those set before. */
function applyHeaders(
  response: ServerResponse,
  headers: HeadersArgument,
): void {
  if (!headers) {
    return;
  }
  const entries = Array.isArray(headers)
    ? pairs(headers as readonly unknown[])
    : Object.entries(headers);
  for (const [name, value] of entries) {
    if (value !== undefined && value !== null) {
      response.setHeader(name, value as string | number | readonly string[]);
    }
  }
}

function* pairs(flat: readonly unknown[]): Generator<[string, unknown]> {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    yield [flat[i] as string, flat[i + 1]];
  }
}

const SINK = Symbol('sink');

/** Node's own fields that decide what `headersSent`, `writableEnded` and the like say. */
interface InnerResponse extends ServerResponse {
  [SINK]: ResponseSink | undefined;
  _header: string | null;
  _hasBody: boolean;
  _closed: boolean;
  finished: boolean;
}

type Callback = (error?: Error | null) => void;

/**
 * A real `ServerResponse` that gives what is written to `sink`. Its methods are
 * own properties, because Express replaces the prototype of every response.
 */
export function createInnerResponse(
  request: IncomingMessage,
  sink: ResponseSink,
  Response: typeof ServerResponse<IncomingMessage> = ServerResponse,
): ServerResponse {
  const response = new Response(request) as InnerResponse;
  response[SINK] = sink;
  (response as { socket: unknown }).socket = request.socket;
  Object.assign(response, METHODS);
  // A route that destroys its request or socket drops the connection.
  request.socket.once('close', () => response.destroy());
  return response;
}

/**
 * Closes the response as Node does when the client goes away. What the route
 * still writes is dropped.
 */
export function closeInnerResponse(response: ServerResponse): void {
  const inner = response as InnerResponse;
  inner[SINK] = undefined;
  emitClose(inner);
}

const METHODS = {
  writeHead(
    this: InnerResponse,
    status: number,
    reason?: string | HeadersArgument,
    headers?: HeadersArgument,
  ): ServerResponse {
    if (this._header) {
      throw codedError('ERR_HTTP_HEADERS_SENT', 'Headers are already sent');
    }
    if (!(status >= 100 && status <= 999)) {
      throw codedError('ERR_HTTP_INVALID_STATUS_CODE', `Status ${status}`);
    }
    this.statusCode = status;
    if (typeof reason === 'string') {
      this.statusMessage = reason;
    }
    applyHeaders(this, typeof reason === 'string' ? headers : reason);
    this._header = `HTTP/1.1 ${status}\r\n`;
    this._hasBody =
      this.req.method !== 'HEAD' && status !== 204 && status !== 304;
    this[SINK]?.onHead(this);
    return this;
  },

  write(
    this: InnerResponse,
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | Callback,
    callback?: Callback,
  ): boolean {
    const done = typeof encoding === 'function' ? encoding : callback;
    if (this.finished || this.destroyed) {
      const error = codedError('ERR_STREAM_DESTROYED', 'The response is over');
      if (done) process.nextTick(done, error);
      return false;
    }
    accept(this, chunk, typeof encoding === 'string' ? encoding : undefined);
    if (done) process.nextTick(done, null);
    return true;
  },

  end(
    this: InnerResponse,
    chunk?: string | Uint8Array | Callback | null,
    encoding?: BufferEncoding | Callback | null,
    callback?: Callback | null,
  ): ServerResponse {
    const done =
      typeof chunk === 'function'
        ? chunk
        : typeof encoding === 'function'
          ? encoding
          : callback;
    if (this.finished || this.destroyed) {
      if (done) process.nextTick(done);
      return this;
    }
    if (done) this.once('finish', done);
    accept(
      this,
      typeof chunk === 'function' ? undefined : chunk,
      typeof encoding === 'string' ? encoding : undefined,
    );
    this.finished = true;
    process.nextTick(emitFinish, this);
    const sink = this[SINK];
    this[SINK] = undefined;
    sink?.onEnd(true);
    return this;
  },

  destroy(this: InnerResponse): ServerResponse {
    const sink = this[SINK];
    if (!this.destroyed) {
      closeInnerResponse(this);
      this.req.socket.destroy();
      sink?.onEnd(false);
    }
    return this;
  },

  flushHeaders(this: InnerResponse): void {
    commitHead(this);
  },

  // Node's way to the socket: interim responses, trailers.
  _writeRaw(): boolean {
    return true;
  },

  _send(): boolean {
    return true;
  },
};

function commitHead(response: InnerResponse): void {
  if (!response._header) {
    // Through the property: `compression` and others replace it.
    response.writeHead(response.statusCode);
  }
}

function accept(
  response: InnerResponse,
  chunk: string | Uint8Array | undefined | null,
  encoding: BufferEncoding | undefined,
): void {
  commitHead(response);
  if (chunk !== undefined && chunk !== null && response._hasBody) {
    const content =
      typeof chunk === 'string'
        ? Buffer.from(chunk, encoding)
        : Buffer.isBuffer(chunk)
          ? chunk
          : Buffer.from(chunk);
    if (content.length > 0) {
      response[SINK]?.onChunk(content);
    }
  }
}

function emitFinish(response: InnerResponse): void {
  if (!response._closed) {
    response.emit('finish');
    emitClose(response);
  }
}

function emitClose(response: InnerResponse): void {
  if (!response._closed) {
    response.destroyed = true;
    response._closed = true;
    response.emit('close');
  }
}

function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
