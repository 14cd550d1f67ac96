import {
  type IncomingMessage,
  request as sendRequest,
  type Server,
} from 'node:http';
import { Readable, Duplex } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
export const BODILESS: readonly number[] = [204, 205, 304];

/**
 * A `fetch` that reaches the HTTP server without a port: each request has a
 * connection of its own within the process, so that everything the server and
 * its framework do with a request, they do with this one.
 */
export function inProcessFetch(
  server: Server,
): (url: string | URL, init?: RequestInit) => Promise<Response> {
  return async (url, init = {}) => {
    const request = new Request(url, init);
    const body = Buffer.from(await request.arrayBuffer());
    const answer = await send(server, request, body, init.signal);
    const status = answer.statusCode ?? 0;
    if (BODILESS.includes(status)) {
      answer.resume();
    }
    return new Response(
      BODILESS.includes(status) ? null : bodyOf(answer, init.signal),
      {
        status,
        statusText: answer.statusMessage ?? '',
        headers: headersOf(answer),
      },
    );
  };
}

function send(
  server: Server,
  { method, url, headers }: Request,
  body: Buffer,
  signal: AbortSignal | null | undefined,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const request = sendRequest(url, {
      method,
      headers: Object.fromEntries(headers),
      createConnection: () => {
        const [client, remote] = MemorySocket.pair();
        server.emit('connection', remote);
        return client;
      },
    });
    const abort = (): void => void request.destroy();
    signal?.addEventListener('abort', abort, { once: true });
    request
      .once('close', () => signal?.removeEventListener('abort', abort))
      .once('response', resolve)
      .on('error', (error) =>
        reject(signal?.aborted ? (signal.reason as Error) : error),
      )
      .end(body.length > 0 ? body : undefined);
  });
}

/** Ends with the reason of the signal, as a body of `fetch` does. */
function bodyOf(
  answer: IncomingMessage,
  signal: AbortSignal | null | undefined,
): ReadableStream<Uint8Array> {
  const abort = (): void =>
    void answer.destroy(signal?.reason as Error | undefined);
  signal?.addEventListener('abort', abort, { once: true });
  answer.once('close', () => signal?.removeEventListener('abort', abort));
  return Readable.toWeb(answer) as WebStream as ReadableStream<Uint8Array>;
}

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}

type Done = (error?: Error | null) => void;

/**
 * One end of a connection within the process, with what Node's HTTP client and
 * server, and the frameworks, ask of a socket. The caller is this machine.
 */
export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly remotePort = 0;
  readonly localAddress = '127.0.0.1';
  readonly localPort = 0;
  readonly encrypted = false;
  private peer: MemorySocket | undefined;
  /** Tells the peer that its last chunk has been read. */
  private resumePeer: (() => void) | undefined;

  /** Two ends: what is written to one is read from the other. */
  static pair(): [MemorySocket, MemorySocket] {
    const ends: [MemorySocket, MemorySocket] = [
      new MemorySocket(),
      new MemorySocket(),
    ];
    [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
    return ends;
  }

  override _read(): void {
    const resume = this.resumePeer;
    this.resumePeer = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    if (!this.peer || this.peer.destroyed || this.peer.push(chunk)) {
      done();
    } else {
      this.peer.resumePeer = done;
    }
  }

  override _final(done: Done): void {
    if (this.peer && !this.peer.destroyed) {
      this.peer.push(null);
    }
    done();
  }

  /** An end that goes before it has said everything takes the other along. */
  override _destroy(error: Error | null, done: Done): void {
    this._read();
    if (!this.writableFinished) {
      process.nextTick(() => this.peer?.destroy());
    }
    done(error);
  }

  /** As `net.Socket` has it: ends, and goes when everything is written. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  address(): object {
    return {};
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
