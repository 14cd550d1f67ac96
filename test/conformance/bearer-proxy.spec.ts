import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { startProxy } from './bearer-proxy.mjs';

describe('the proxy in front of a guarded server', () => {
  let target: Server;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  beforeAll(async () => {
    target = createServer((...exchange) => answer(...exchange));
    await once(target.listen(0, '127.0.0.1'), 'listening');
    const { port } = target.address() as AddressInfo;
    proxy = await startProxy(`http://127.0.0.1:${port}/mcp`, 'secret');
  });
  afterAll(async () => {
    await proxy?.stop();
    target?.closeAllConnections();
    target?.close();
  });

  it('adds the token, and passes everything else on', async () => {
    answer = async (incoming, response) => {
      const { method, url, headers } = incoming;
      const body = await text(incoming);
      response.writeHead(418, { 'x-kettle': 'on' });
      response.end(JSON.stringify({ method, url, headers, body }));
    };
    const outgoing = request(proxy.url, {
      method: 'PUT',
      headers: { host: 'evil.example.com', origin: 'http://evil.example.com' },
    }).end('tea');
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(418);
    expect(response.headers['x-kettle']).toBe('on');
    expect(JSON.parse(await text(response))).toMatchObject({
      method: 'PUT',
      url: '/mcp',
      body: 'tea',
      headers: {
        host: 'evil.example.com',
        origin: 'http://evil.example.com',
        authorization: 'Bearer secret',
      },
    });
  });

  it('passes events on while the stream is open, and its end by the client', async () => {
    const left = new Promise<void>((resolve) => {
      answer = (_incoming, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: 1\n\n');
        response.once('close', resolve);
      };
    });
    const outgoing = request(proxy.url).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    const [chunk] = (await once(response, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('data: 1\n\n');
    outgoing.destroy();
    await left;
  });
});
