import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Caller } from './caller.js';
import { DeadSocket } from './dead-socket.js';

/** An inner request in full. */
interface InnerRequestParts {
  readonly method: string;
  readonly url: string;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly body?: Buffer | undefined;
}

/** A real `IncomingMessage`, with its body already there, on no connection. */
export function createInnerRequest(
  { method, url, headers, body }: InnerRequestParts,
  caller: Caller,
  Request = IncomingMessage,
): IncomingMessage {
  const socket = new DeadSocket(caller);
  const request = new Request(socket as unknown as Socket);
  request.httpVersion = '1.1';
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 1;
  request.method = method;
  request.url = url;
  request.headers = headers;
  const { rawHeaders } = request;
  for (const name in headers) {
    rawHeaders.push(name, headers[name] as string);
  }
  if (body !== undefined && body.length > 0) {
    request.push(body);
  }
  request.push(null);
  request.complete = true;
  return request;
}

/**
 * Does to the request what Node does when the client goes away: `aborted` and
 * `close` on a request that was not read to its end, `close` on its socket.
 */
export function abortInnerRequest(request: IncomingMessage): void {
  if (!request.destroyed) {
    request.once('error', ignore);
    request.destroy(new Error('aborted'));
  }
  request.socket.destroy();
}

/** Lets go of an answered request, so that it emits `close` as over HTTP. */
export function finishInnerRequest(request: IncomingMessage): void {
  if (
    !request.destroyed &&
    (request.listenerCount('close') > 0 || request.listenerCount('end') > 0)
  ) {
    request.resume();
  }
}

function ignore(): void {
  // The abort itself is no failure.
}
