import { jest } from '@jest/globals';
import {
  InMemoryTransport,
  Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { AccessToken } from '../auth/token/access-token.js';
import { getAccessToken } from '../auth/context/request-context.js';
import { ServerAuth } from '../auth/server/server-auth.js';
import type { McpAuthOptions } from '../auth/auth-options.interface.js';
import { currentRequest } from '../transport/request/endpoint-request.js';
import { StdioIdentity } from './serve-stdio.js';

const authOf = (options: McpAuthOptions | false): ServerAuth =>
  new ServerAuth(options, {
    name: 'server',
    endpointPath: () => '/mcp',
    adapterHost: undefined as never,
    modules: undefined as never,
  });

const RESOURCE = 'http://localhost/mcp';

/** Sends pings, and tells what is known of their sender while they are served. */
async function servedBy(caller: StdioIdentity): Promise<{
  ping(): Promise<{ subject?: string; request: unknown }>;
}> {
  const server = new Server({ name: 'server', version: '1' });
  let note: (seen: { subject?: string; request: unknown }) => void;
  server.setRequestHandler('ping', (_request, _context: ServerContext) => {
    const subject = getAccessToken()?.subject;
    note({
      ...(subject !== undefined && { subject }),
      request: currentRequest()?.request,
    });
    return {};
  });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await caller.bind(server).connect(near);
  await far.start();
  return {
    ping: () =>
      new Promise((resolve) => {
        note = resolve;
        void far.send({ jsonrpc: '2.0', id: 1, method: 'ping' });
      }),
  };
}

describe('the caller over stdio', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('must be named where only guards of the endpoint know callers', async () => {
    const auth = authOf({ verifier: false, resource: RESOURCE });
    await expect(StdioIdentity.of(auth, undefined)).rejects.toThrow(
      'auth.verifier is false',
    );
    await expect(
      StdioIdentity.of(auth, new AccessToken({ token: '' })),
    ).resolves.toBeInstanceOf(StdioIdentity);
  });

  it('is nobody on an open server', async () => {
    const { ping } = await servedBy(
      await StdioIdentity.of(authOf(false), undefined),
    );
    expect((await ping()).subject).toBeUndefined();
  });

  it('is the identity, with the user that the options make of it, in a request of each message', async () => {
    const resolveUser = jest.fn(async (token: AccessToken) => ({
      id: token.subject,
    }));
    const { ping } = await servedBy(
      await StdioIdentity.of(
        authOf({ verifier: false, resource: RESOURCE, resolveUser }),
        new AccessToken({ token: 'secret', subject: 'ada' }),
      ),
    );
    const [first, second] = [await ping(), await ping()];
    expect(first).toMatchObject({
      subject: 'ada',
      request: {
        user: { id: 'ada' },
        headers: { host: 'localhost', authorization: 'Bearer secret' },
      },
    });
    expect(second.request).not.toBe(first.request);
    expect(resolveUser).toHaveBeenCalledTimes(1);
  });

  it('is nobody any more once the identity has expired', async () => {
    const { ping } = await servedBy(
      await StdioIdentity.of(
        authOf({ verifier: false, resource: RESOURCE }),
        new AccessToken({
          token: 'secret',
          subject: 'ada',
          expiresAt: new Date(Date.now() + 60_000),
        }),
      ),
    );
    expect((await ping()).subject).toBe('ada');
    jest.useFakeTimers({
      now: Date.now() + 61_000,
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'],
    });
    const { subject, request } = await ping();
    expect(subject).toBeUndefined();
    expect(request).not.toHaveProperty('auth');
    expect((request as { headers: object }).headers).not.toHaveProperty(
      'authorization',
    );
  });
});
