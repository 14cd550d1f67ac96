import { jest } from '@jest/globals';
import {
  Client,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.js';

// Each test starts a process that compiles the application.
jest.setTimeout(60_000);

/** Milliseconds that a process may take to begin, beside many others. */
const START = 20_000;

/** What the first process has compiled, for the others. */
const compiled = mkdtempSync(join(tmpdir(), 'stdio-'));

afterAll(() => rmSync(compiled, { recursive: true, force: true }));

const argumentsFor = (mode: string): string[] => [
  '--import',
  './test/fixtures/stdio-app/register-typescript.mjs',
  'test/fixtures/stdio-app/main.ts',
  mode,
  compiled,
];

/** A client and the standard error of the server that it started. */
interface Started {
  readonly client: Client | V1Client;
  readonly errors: string[];
  readonly log: () => string;
}

type Start = (mode: string) => Promise<Started>;

const CLIENTS: readonly (readonly [string, Start])[] = [
  ['the v2 client on 2026-07-28', startV2({ pin: '2026-07-28' })],
  ['the v2 client in auto mode', startV2('auto')],
  ['the v2 client in legacy mode', startV2('legacy')],
  ['the v1 client', startV1],
];

function startV2(mode: VersionNegotiationMode): Start {
  return async (argument) => {
    const transport = new StdioClientTransport(paramsFor(argument));
    const client = new Client(
      { name: 'stdio', version: '2.0.0' },
      { versionNegotiation: { mode } },
    );
    return { client, ...(await connected(client, transport)) };
  };
}

async function startV1(argument: string): Promise<Started> {
  const transport = new V1Transport(paramsFor(argument));
  const client = new V1Client({ name: 'stdio', version: '1.0.0' });
  return { client, ...(await connected(client, transport)) };
}

const paramsFor = (argument: string) => ({
  command: process.execPath,
  args: argumentsFor(argument),
  stderr: 'pipe' as const,
});

/** A line on standard output that is no message is an error of the client's. */
async function connected(
  client: Client | V1Client,
  transport: StdioClientTransport | V1Transport,
): Promise<Omit<Started, 'client'>> {
  const errors: string[] = [];
  client.onerror = (error) => void errors.push(error.message);
  const chunks: string[] = [];
  transport.stderr?.on('data', (chunk: Buffer) => {
    chunks.push(chunk.toString());
  });
  await client.connect(transport as never);
  return { errors, log: () => chunks.join('') };
}

/** Clients of the older line take a schema in between. */
const callWithProgress = (
  client: Client | V1Client,
  name: string,
  listen: (message: string | undefined) => void,
) => {
  const options = {
    onprogress: ({ message }: { message?: string }) => listen(message),
  };
  return client instanceof V1Client
    ? client.callTool({ name, arguments: {} }, undefined, options)
    : client.callTool({ name, arguments: {} }, options);
};

const structured = async (client: Client | V1Client, name: string) =>
  (await client.callTool({ name, arguments: {} })).structuredContent;

const resources = async (client: Client | V1Client) =>
  (await client.listResources()).resources.map(({ uri }) => uri).sort();

const names = async (client: Client | V1Client) =>
  (await client.listTools()).tools.map(({ name }) => name).sort();

const open: Started[] = [];

async function run(start: Start, mode: string): Promise<Started> {
  const started = await start(mode);
  open.push(started);
  return started;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ client }) => client.close()));
});

describe.each(CLIENTS)('a server on stdio and %s', (_name, start) => {
  it('call tools of routes and providers, with progress on standard output and everything else on standard error', async () => {
    const { client, errors, log } = await run(start, 'express');
    expect(await names(client)).toEqual(['chores', 'greet']);
    const result = await client.callTool({
      name: 'greet',
      arguments: { name: 'Ada' },
    });
    expect(result.structuredContent).toEqual({ greeting: 'Hello Ada' });
    expect(await resources(client)).toEqual(['app://motto', 'app://names']);
    const [motto] = (await client.readResource({ uri: 'app://motto' }))
      .contents;
    expect(motto).toMatchObject({ text: '{"motto":"Festina lente"}' });

    const progress: (string | undefined)[] = [];
    const done = await callWithProgress(client, 'chores', (message) =>
      progress.push(message),
    );
    expect(done.content).toEqual([{ type: 'text', text: 'done' }]);
    expect(progress).toEqual(['chore 1', 'chore 2', 'chore 3']);
    await until(() => log().includes('stdout.write: chore 3'));
    expect(log()).toContain('console.log: chore 3');
    expect(log()).toContain('Nest application successfully started');
    expect(errors).toEqual([]);
  });
});

describe.each([
  ['the v2 client', startV2({ pin: '2026-07-28' })],
  ['the v1 client', startV1],
] as const)('a server on stdio, with %s', (_name, start) => {
  it('calls routes on Fastify', async () => {
    const { client, errors } = await run(start, 'fastify');
    const result = await client.callTool({
      name: 'greet',
      arguments: { name: 'Ada' },
    });
    expect(result.structuredContent).toEqual({ greeting: 'Hello Ada' });
    expect(errors).toEqual([]);
  });

  it('has what providers offer, alone, in an application context', async () => {
    const { client, errors, log } = await run(start, 'context');
    expect(await names(client)).toEqual(['chores']);
    expect(await resources(client)).toEqual(['app://names']);
    expect(
      (await client.callTool({ name: 'chores', arguments: {} })).content,
    ).toEqual([{ type: 'text', text: 'done' }]);
    expect(log()).toContain('1 tools are routes');
    expect(log()).toContain('1 resources are routes');
    expect(errors).toEqual([]);
  });

  it('has what is public alone, where nobody says who the user is', async () => {
    const { client } = await run(start, 'anonymous');
    expect(await names(client)).toEqual(['news']);
    expect(await structured(client, 'news')).toEqual({ reader: 'anybody' });
    const refused = await client.callTool({
      name: 'write_news',
      arguments: {},
    });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ text: 'Forbidden' }],
    });
  });

  it('has what the local user may, where the application says who that is', async () => {
    const { client } = await run(start, 'identified');
    expect(await names(client)).toEqual(['news', 'secrets']);
    // The route's own McpAuthGuard has taken the identity, too.
    expect(await structured(client, 'secrets')).toEqual({ reader: 'ada' });
    expect(await structured(client, 'news')).toEqual({ reader: 'ada' });
    const refused = await client.callTool({
      name: 'write_news',
      arguments: {},
    });
    expect(refused).toMatchObject({ isError: true });
  });
});

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
/** In the SDK's order. */
const PONG = { result: {}, jsonrpc: '2.0', id: 1 };

/** One server without a client. */
class Launched {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exit: Promise<unknown[]>;
  stdout = '';
  stderr = '';

  constructor(mode: string) {
    this.child = spawn(process.execPath, argumentsFor(mode));
    this.exit = once(this.child, 'exit');
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
  }

  /** Resolves when it has answered. */
  async ping(): Promise<void> {
    this.child.stdin.write(`${JSON.stringify(PING)}\n`);
    await until(
      () => this.stdout.endsWith('\n') || this.child.exitCode !== null,
      START,
    );
    expect([this.stdout, this.child.exitCode]).toEqual([
      `${JSON.stringify(PONG)}\n`,
      null,
    ]);
  }
}

describe('the process of a server on stdio', () => {
  const launched: Launched[] = [];

  const launch = (mode: string): Launched => {
    const server = new Launched(mode);
    launched.push(server);
    return server;
  };

  afterEach(() => {
    launched.splice(0).forEach(({ child }) => child.kill('SIGKILL'));
  });

  it.each(['express', 'fastify'])(
    'ends when standard input does, on %s',
    async (mode) => {
      const server = launch(mode);
      await server.ping();
      server.child.stdin.end();
      expect(await server.exit).toEqual([0, null]);
      expect(server.stderr).toContain('the application is closed');
      expect(JSON.parse(server.stdout)).toEqual(PONG);
    },
  );

  it('ends when standard input was closed before it began', async () => {
    const server = launch('express');
    server.child.stdin.end();
    expect(await server.exit).toEqual([0, null]);
    expect(server.stderr).toContain('the application is closed');
    expect(server.stdout).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'closes the application on %s',
    async (signal) => {
      const server = launch('express');
      await server.ping();
      server.child.kill(signal);
      expect(await server.exit).toEqual([0, null]);
      expect(server.stderr).toContain('the application is closed');
    },
  );

  it('is ended where something would hold it', async () => {
    const server = launch('busy');
    await server.ping();
    server.child.stdin.end();
    expect(await server.exit).toEqual([0, null]);
    expect(server.stderr).toContain('the application is closed');
  });

  it('closes the application when nobody reads its answers', async () => {
    const server = launch('express');
    await server.ping();
    server.child.stdout.destroy();
    server.child.stdin.write(`${JSON.stringify(PING)}\n`);
    expect(await server.exit).toEqual([0, null]);
    expect(server.stderr).toContain('the application is closed');
  });
});
