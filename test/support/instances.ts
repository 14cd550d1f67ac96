import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterName } from './adapters.js';

/** An instance of `fixtures/instances`, in a process of its own. */
export interface Instance {
  readonly url: string;
  readonly pid: number;
  /** What it has written to standard output and error. */
  log(): string;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

/** Starts instances, which compile their sources once for all. */
export class Instances {
  private readonly compiled = mkdtempSync(join(tmpdir(), 'instances-'));
  private readonly running: Instance[] = [];

  /** @param redis URL of the Redis that they share; none where it is left out */
  async start(adapter: AdapterName, redis = 'none'): Promise<Instance> {
    const child = spawn(
      process.execPath,
      [
        '--import',
        './test/fixtures/stdio-app/register-typescript.mjs',
        'test/fixtures/instances/main.ts',
        adapter,
        redis,
        this.compiled,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let output = '';
    const note = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.on('data', () => {
        const [, found] = /^at (http\S+)$/m.exec(output) ?? [];
        if (found) {
          resolve(found);
        }
      });
      child.once('exit', () => reject(new Error(`It ended: ${output}`)));
    });
    const instance = {
      url,
      pid: child.pid ?? 0,
      log: () => output,
      kill: () => end(child),
    };
    this.running.push(instance);
    return instance;
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((instance) => instance.kill()));
    rmSync(this.compiled, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** A proxy that gives each request to the next instance, whatever it is about. */
export class RoundRobin {
  private turn = 0;
  private readonly server = createServer((incoming, outgoing) =>
    this.pass(incoming, outgoing),
  );
  private readonly sockets = new Set<Socket>();
  /** Answers to GET that are open. */
  private readonly streams = new Set<ServerResponse>();
  /** How many GET streams have been opened. */
  opened = 0;

  constructor(public targets: readonly Instance[]) {
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/mcp`;
  }

  /** Breaks the GET streams, as a proxy does that is restarted. */
  breakStreams(): void {
    this.streams.forEach((stream) => stream.destroy());
  }

  async close(): Promise<void> {
    this.sockets.forEach((socket) => socket.destroy());
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const target = this.targets[this.turn++ % this.targets.length];
    const forwarded = request(
      `${target?.url}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers, agent: false },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        answer.on('error', () => outgoing.destroy());
        if (incoming.method === 'GET' && answer.statusCode === 200) {
          this.opened += 1;
          this.streams.add(outgoing);
        }
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => {
      this.streams.delete(outgoing);
      forwarded.destroy();
    });
    incoming.pipe(forwarded);
  }
}
