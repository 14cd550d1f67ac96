import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as the server received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a route answers; `'hang'` for nothing, `'drop'` for a closed connection. */
export type Reply =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  | 'hang'
  | 'drop';

/** An HTTP server on a free loopback port that counts what it is asked. */
export interface LoopbackServer {
  readonly origin: string;
  readonly port: number;
  readonly requests: ReceivedRequest[];
  /** Replies by path; 404 for others. */
  readonly routes: Map<
    string,
    Reply | ((request: ReceivedRequest) => Reply | Promise<Reply>)
  >;
  /** How often a path was asked for. */
  count(path: string): number;
  close(): Promise<void>;
}

export async function startLoopbackServer(): Promise<LoopbackServer> {
  const requests: ReceivedRequest[] = [];
  const routes: LoopbackServer['routes'] = new Map();
  const server = createServer((incoming, response) => {
    void text(incoming).then(async (body) => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body,
      };
      requests.push(request);
      const route = routes.get(request.path) ?? { status: 404 };
      const reply = typeof route === 'function' ? await route(request) : route;
      if (reply === 'hang') {
        return;
      }
      if (reply === 'drop') {
        response.destroy();
        return;
      }
      response.writeHead(reply.status ?? 200, reply.headers);
      response.end(
        reply.text ??
          (reply.json === undefined ? '' : JSON.stringify(reply.json)),
      );
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests,
    routes,
    count: (path) => requests.filter((request) => request.path === path).length,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
