import type { HttpServer } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import type { IncomingHttpHeaders } from 'node:http';
import { AccessToken } from '../token/access-token.js';
import { McpApplication } from '../../platform/mcp-application.js';
import { assertScopes } from '../access/scope.policy.js';
import {
  getHttpHeaders,
  getAccessToken,
  installRequestContext,
  setCurrentToken,
} from './request-context.js';

type Middleware = (
  request: { headers: IncomingHttpHeaders },
  response: unknown,
  next: () => void,
) => void;

/** An adapter of which nothing is known but the middleware it was given. */
function fakeAdapter(type: 'express' | 'fastify') {
  const middleware: Middleware[] = [];
  const adapter = {
    getType: () => type,
    getInstance: () => ({
      use: (added: Middleware) => middleware.push(added),
      addHook: (_: string, added: Middleware) => middleware.push(added),
    }),
  } as unknown as HttpServer;
  const application = new McpApplication({
    httpAdapter: adapter,
  } as HttpAdapterHost);
  installRequestContext(application);
  installRequestContext(application);
  return {
    middleware,
    serve: (headers: IncomingHttpHeaders, handler: () => void) =>
      middleware[0]?.({ headers }, undefined, handler),
  };
}

describe.each(['express', 'fastify'] as const)('within %s', (type) => {
  const { middleware, serve } = fakeAdapter(type);

  it('one context is installed, however often it is asked for', () => {
    expect(middleware).toHaveLength(1);
  });

  it('sensitive headers, and those of one hop, are left out', () => {
    const kept = {
      'x-tenant': 'acme',
      accept: 'text/plain',
      'x-authorization': 'kept',
      'cookie-consent': 'kept',
    };
    serve(
      {
        ...kept,
        authorization: 'Bearer x',
        cookie: 'a=b',
        host: 'a',
        connection: 'close',
        'keep-alive': '1',
        te: 'x',
        trailer: 'x',
        'transfer-encoding': 'chunked',
        upgrade: 'x',
        expect: 'x',
        'proxy-authorization': 'x',
        'proxy-connection': 'x',
        'content-type': 'x',
        'content-length': '1',
        'mcp-session-id': 'x',
        'mcp-protocol-version': 'x',
      },
      () => {
        expect(getHttpHeaders()).toEqual(kept);
        expect(
          getHttpHeaders({ include: ['Authorization', 'COOKIE'] }),
        ).toEqual({ ...kept, authorization: 'Bearer x', cookie: 'a=b' });
        expect(getHttpHeaders({ include: ['absent'] })).toEqual(kept);
      },
    );
    expect.assertions(3);
  });

  it('lists are joined, and what was not sent is not there', () => {
    serve({ 'x-list': ['a', 'b'] as never, 'x-none': undefined }, () =>
      expect(getHttpHeaders()).toEqual({ 'x-list': 'a, b' }),
    );
    expect.assertions(1);
  });

  it('a request within a request shares its context', () => {
    serve({ 'x-outer': '1' }, () =>
      serve({ 'x-inner': '1' }, () =>
        expect(getHttpHeaders()).toEqual({ 'x-outer': '1' }),
      ),
    );
    expect.assertions(1);
  });

  it('the caller is that of the request, and nobody else', async () => {
    const token = new AccessToken({ token: 't', subject: 'ada' });
    const seen: unknown[] = [];
    await Promise.all(
      [token, null].map(
        (caller) =>
          new Promise<void>((resolve) => {
            serve({}, () => {
              seen.push(getAccessToken());
              setCurrentToken(caller, () => []);
              setImmediate(() => {
                expect(getAccessToken()).toBe(caller);
                resolve();
              });
            });
          }),
      ),
    );
    expect(seen).toEqual([null, null]);
    expect(getAccessToken()).toBeNull();
  });

  it('assertScopes() asks the rules of the server', () => {
    const token = new AccessToken({ token: 't', scopes: ['a'] });
    serve({}, () => {
      setCurrentToken(token, (_, scopes) =>
        scopes.filter((scope) => scope !== 'implied'),
      );
      expect(() => assertScopes('implied')).not.toThrow();
      expect(() => assertScopes('x', 'implied', 'y')).toThrow(
        'Missing scopes: x, y',
      );
      expect(() => assertScopes('x')).toThrow('Missing required scope: x');
    });
    expect.assertions(3);
  });
});

it('outside a request there is nobody, and there are no headers', () => {
  expect(getHttpHeaders()).toEqual({});
  expect(getHttpHeaders({ include: ['authorization'] })).toEqual({});
  expect(getAccessToken()).toBeNull();
  expect(() => setCurrentToken(null, () => [])).not.toThrow();
  expect(() => assertScopes('a')).toThrow('Authentication required');
});
