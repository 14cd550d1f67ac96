import express, { json } from 'express';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { haveSameShape } from '../../../test/support/shapes.js';
import { presetRequestProperties } from './express.platform.js';

interface Seen {
  readonly request: object;
  readonly response: object;
}

let server: Server;
let seen: Seen[];

/** An application that notes what its routes are given, once they have answered. */
function application() {
  const app = express();
  app.use(json());
  app.post('/:place', (request, response) => {
    seen.push({ request, response });
    response.status(200).json({ body: request.body as unknown });
  });
  return app;
}

beforeEach(() => {
  seen = [];
});

describe('requests that Express is to serve', () => {
  beforeEach(async () => {
    const app = application();
    server = createServer(app);
    presetRequestProperties(server, app, new Set(['/kept']));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  });

  afterEach(() => new Promise((done) => server.close(done)));

  async function post(
    path: string,
    type = 'application/json',
  ): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method: 'POST',
      headers: { 'content-type': type, connection: 'close' },
      body: '{"a":1}',
    });
    return answer.text();
  }

  /** Whether all requests have one hidden class, and all responses one. */
  async function keepsShapesOf(path: string): Promise<boolean> {
    for (let i = 0; i < 4; i++) {
      expect(await post(path)).toBe('{"body":{"a":1}}');
    }
    const [first, second] = seen.slice(-2) as [Seen, Seen];
    return (
      haveSameShape(first.request, second.request) &&
      haveSameShape(first.response, second.response)
    );
  }

  it('keep one shape on the path', async () => {
    expect(await keepsShapesOf('/kept')).toBe(true);
  });

  it('keep the body that a host has read for them', async () => {
    server.prependListener('request', (request) => {
      Object.assign(request, { body: { b: 2 } });
    });
    expect(await post('/kept', 'text/plain')).toBe('{"body":{"b":2}}');
  });

  it('are left as they are on others', async () => {
    expect(await keepsShapesOf('/other')).toBe(false);
  });
});
