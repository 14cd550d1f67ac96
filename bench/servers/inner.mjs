/**
 * The other half of the bound: the plain route, dispatched in process without a
 * socket, with as little around it as the adapter puts up with. Serves no HTTP;
 * the benchmark asks it to `dispatch`.
 */
import { EventEmitter } from 'node:events';
import { IncomingMessage, ServerResponse } from 'node:http';
import { applicationModule, FIRST_ROUTE } from './application.mjs';
import { listening } from './nest.mjs';
import { ORDER } from './order.mjs';

/** As many calls as the load generator keeps under way. */
const AT_ONCE = 16;

export async function start(server) {
  const app = await listening(applicationModule(server), server.adapter);
  const dispatch = dispatcherOf(app.getHttpServer());
  return {
    url: await app.getUrl(),
    answers: {
      /** The answer of one dispatch, or how many were answered in so many milliseconds. */
      async dispatch({ milliseconds }) {
        if (milliseconds === undefined) {
          return dispatch();
        }
        const end = performance.now() + milliseconds;
        let answered = 0;
        while (performance.now() < end) {
          await Promise.all(Array.from({ length: AT_ONCE }, dispatch));
          answered += AT_ONCE;
          // Whatever waits for a turn of the event loop has it.
          await new Promise(setImmediate);
        }
        return answered;
      },
    },
  };
}

/** Sends a request through the adapter's own listener; resolves with the body of the answer. */
function dispatcherOf(httpServer) {
  const { Request, Response } = classesOf(httpServer);
  const body = Buffer.from(JSON.stringify(ORDER));
  return () =>
    new Promise((resolve) => {
      const request = new Request(new LeanSocket());
      request.method = 'POST';
      request.url = FIRST_ROUTE;
      request.httpVersionMajor = 1;
      request.httpVersionMinor = 1;
      request.headers = {
        host: '127.0.0.1',
        'content-type': 'application/json',
        'content-length': String(body.length),
      };
      request.push(body);
      request.push(null);
      request.complete = true;
      const response = new Response(request);
      response.writeHead = lean;
      response.end = (chunk) => resolve(String(chunk));
      httpServer.emit('request', request, response);
    });
}

class LeanSocket extends EventEmitter {
  remoteAddress = '127.0.0.1';
  encrypted = false;
  readable = true;
  writable = true;
}

/** Those of the adapter, where it has some of its own. */
function classesOf(httpServer) {
  const own = (name) =>
    httpServer[
      Object.getOwnPropertySymbols(httpServer).find(
        ({ description }) => description === name,
      )
    ];
  return {
    Request: own('IncomingMessage') ?? IncomingMessage,
    Response: own('ServerResponse') ?? ServerResponse,
  };
}

function lean() {
  return this;
}
