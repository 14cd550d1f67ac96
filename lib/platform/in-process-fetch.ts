import { type IncomingMessage, request as sendRequest } from 'node:http';
import type { Server } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { MemorySocket } from './memory-socket.js';

/** Statuses whose answers have no body (Fetch standard, "null body status"). */
const BODILESS = [204, 205, 304];

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
