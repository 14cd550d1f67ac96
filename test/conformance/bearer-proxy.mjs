import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { pipeline } from 'node:stream';

/**
 * Adds a bearer token to every request, as the suite can send none; everything
 * else passes through as it is, `Host` and `Origin` included.
 */
export async function startProxy(target, token) {
  const { hostname, port, pathname } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const forwarded = request({
      hostname,
      port,
      path: incoming.url,
      method: incoming.method,
      headers: { ...incoming.headers, authorization: `Bearer ${token}` },
      agent: false,
    });
    forwarded.once('response', (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      // Streams begin before their first event.
      outgoing.flushHeaders();
      pipeline(response, outgoing, () => {});
    });
    forwarded.once('error', () => outgoing.destroy());
    outgoing.once('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}${pathname}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
