import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that systems give to those who ask for any, so that nobody is given one of these. */
const PORTS = [10_000, 30_000] as const;
const given = new Set<number>();

/**
 * A port that is free, for what must be configured before the server listens.
 * Two calls of one process never give the same.
 */
export async function freePort(): Promise<number> {
  let port: number;
  do {
    port = randomInt(...PORTS);
  } while (given.has(port) || !(await isFree(port)));
  given.add(port);
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
