import { createServer, type AddressInfo } from 'node:net';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../../test/support/loopback-server.js';
import {
  fetchJson,
  guardedFetch,
  type GuardedRequest,
} from './guarded-fetch.js';
import type { UrlTrust } from './url-trust.js';

const trusted: GuardedRequest = { trust: { source: 'configuration' } };
let server: LoopbackServer;

beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(() => server.close());

describe('guardedFetch', () => {
  it('returns status, headers and body, whatever the status', async () => {
    server.routes.set('/x', {
      status: 418,
      text: 'tea ☕',
      headers: { 'x-pot': '1' },
    });
    expect(await guardedFetch(`${server.origin}/x`, trusted)).toMatchObject({
      status: 418,
      body: 'tea ☕',
      headers: { 'x-pot': '1' },
    });
    expect(server.requests[0]).toMatchObject({ method: 'GET', body: '' });
  });

  it('sends method, headers and body', async () => {
    await guardedFetch(`${server.origin}/x`, {
      ...trusted,
      method: 'POST',
      headers: { 'x-key': 'k' },
      body: 'ä=1',
    });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: 'ä=1',
      headers: { 'x-key': 'k', 'content-length': '4' },
    });
  });

  it('connects to the address that was checked, and resolves once', async () => {
    let asked = 0;
    server.routes.set('/x', { text: 'here' });
    const { body } = await guardedFetch(
      `http://pinned.invalid:${server.port}/x`,
      {
        ...trusted,
        resolve: () => {
          asked += 1;
          return Promise.resolve([
            asked === 1
              ? { address: '127.0.0.1', family: 4 }
              : { address: '127.0.0.99', family: 4 },
          ]);
        },
      },
    );
    expect(body).toBe('here');
    expect(asked).toBe(1);
    expect(server.requests[0]?.headers.host).toBe(
      `pinned.invalid:${server.port}`,
    );
  });

  it.each<[string, UrlTrust]>([
    ['a client', { source: 'client' }],
    [
      "an issuer's metadata",
      { source: 'issuer', issuer: 'https://login.example' },
    ],
  ])(
    'does not connect to a private address for a URL from %s',
    async (_name, trust) => {
      await expect(
        guardedFetch(`https://rebound.example:${server.port}/x`, {
          trust,
          resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
        }),
      ).rejects.toMatchObject({ failure: 'refused_address' });
      expect(server.requests).toEqual([]);
    },
  );

  it('follows no redirect', async () => {
    server.routes.set('/x', { status: 302, headers: { location: '/y' } });
    const { status } = await guardedFetch(`${server.origin}/x`, trusted);
    expect(status).toBe(302);
    expect(server.count('/y')).toBe(0);
  });

  it('takes an answer of exactly maxBytes, and not one byte more', async () => {
    const request = { ...trusted, maxBytes: 10 };
    server.routes.set('/x', { text: '0123456789' });
    const { body } = await guardedFetch(`${server.origin}/x`, request);
    expect(body).toHaveLength(10);
    server.routes.set('/x', { text: '0123456789a' });
    await expect(
      guardedFetch(`${server.origin}/x`, request),
    ).rejects.toMatchObject({ failure: 'too_large' });
  });

  it('hangs up on an endless answer while it streams', async () => {
    let closed: Promise<void> | undefined;
    const endless = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const timer = setInterval(() => socket.write('x'.repeat(1000)), 1);
      closed = new Promise((resolve) => {
        socket.on('close', () => {
          clearInterval(timer);
          resolve();
        });
      });
    });
    await new Promise<void>((resolve) => {
      endless.listen(0, '127.0.0.1', resolve);
    });
    const { port } = endless.address() as AddressInfo;
    await expect(
      guardedFetch(`http://127.0.0.1:${port}/`, { ...trusted, maxBytes: 5000 }),
    ).rejects.toMatchObject({ failure: 'too_large' });
    await closed;
    endless.close();
  });

  it('gives up after the timeout, where nothing comes and where DNS hangs', async () => {
    server.routes.set('/x', 'hang');
    await expect(
      guardedFetch(`${server.origin}/x`, { ...trusted, timeout: 30 }),
    ).rejects.toMatchObject({ failure: 'timeout' });
    await expect(
      guardedFetch('http://slow.invalid/x', {
        ...trusted,
        timeout: 30,
        resolve: () => new Promise(() => {}),
      }),
    ).rejects.toMatchObject({ failure: 'timeout' });
  });

  it('counts the timeout to the last byte, not the first', async () => {
    const dripping = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => {
      dripping.listen(0, '127.0.0.1', resolve);
    });
    const { port } = dripping.address() as AddressInfo;
    await expect(
      guardedFetch(`http://127.0.0.1:${port}/`, { ...trusted, timeout: 60 }),
    ).rejects.toMatchObject({ failure: 'timeout' });
    dripping.close();
  });

  it.each(['drop', 'gone'])(
    'tells a connection that fails from an answer (%s)',
    async (how) => {
      server.routes.set('/x?key=hunter2', 'drop');
      if (how === 'gone') {
        await server.close();
      }
      const failing = guardedFetch(`${server.origin}/x?key=hunter2`, trusted);
      await expect(failing).rejects.toMatchObject({
        failure: 'network',
        message: `${server.origin} cannot be reached`,
      });
    },
  );
});

describe('fetchJson', () => {
  it('wants status 200 and an object', async () => {
    server.routes.set('/x', { json: { keys: [] } });
    expect(await fetchJson(`${server.origin}/x`, trusted)).toEqual({
      keys: [],
    });
    expect(server.requests[0]?.headers.accept).toBe('application/json');
  });

  it.each([201, 302, 404, 500])('refuses status %i', async (status) => {
    server.routes.set('/x', { status, json: {} });
    await expect(
      fetchJson(`${server.origin}/x`, trusted),
    ).rejects.toMatchObject({ failure: 'status', status });
  });

  it.each(['', 'no json', '[]', 'null', '"text"', '1'])(
    'refuses the body %j',
    async (text) => {
      server.routes.set('/x', { text });
      await expect(
        fetchJson(`${server.origin}/x`, trusted),
      ).rejects.toMatchObject({ failure: 'content' });
    },
  );
});
