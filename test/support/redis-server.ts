import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { freePort } from './free-port.js';

const BINARY = process.env['REDIS_SERVER'] ?? '/usr/bin/redis-server';

/** Whether there is a Redis to start: Debian's, or that of `REDIS_SERVER`. */
export function redisAvailable(): boolean {
  return existsSync(BINARY);
}

/** A Redis on a free loopback port that keeps nothing on disk. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Makes it answer nothing, while its connections stay open. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

/** @param port to start one anew where another was; free by default */
export async function startRedis(
  port?: number,
  ...settings: string[]
): Promise<RedisServer> {
  const chosen = port ?? (await freePort());
  const server = spawn(
    BINARY,
    ['--port', String(chosen), '--bind', '127.0.0.1', '--save', '']
      .concat(['--appendonly', 'no', '--dir', '/tmp'])
      .concat(settings),
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  await accepted(server);
  return {
    url: `redis://127.0.0.1:${chosen}`,
    port: chosen,
    pause: () => void server.kill('SIGSTOP'),
    resume: () => void server.kill('SIGCONT'),
    stop: () =>
      new Promise((resolve) => {
        if (server.exitCode !== null || server.signalCode !== null) {
          return resolve();
        }
        server.once('exit', () => resolve());
        server.kill('SIGKILL');
      }),
  };
}

function accepted(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    server.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) {
        resolve();
      }
    });
    server.once('error', reject);
    server.once('exit', () => reject(new Error(`Redis ended: ${output}`)));
  });
}
