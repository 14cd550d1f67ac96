import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { end, textOf, waitFor } from './children.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NEST = 'node_modules/@nestjs/cli/bin/nest.js';
const MAIN = 'sample/06-everything/dist/main.js';

/** Builds the sample, against the built package. */
export async function buildSample() {
  const { code, text } = await textOf(
    spawn(process.execPath, [NEST, 'build', 'everything'], { cwd: ROOT }),
    120_000,
  );
  if (code !== 0) {
    throw new Error(`The sample does not build:\n${text}`);
  }
}

/** Starts the sample on a free loopback port, by its own main file or another. */
export async function startSample(environment, main = MAIN) {
  const child = spawn(process.execPath, [main], {
    cwd: ROOT,
    env: { ...process.env, ...environment, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [, url] = await waitFor(child, /MCP endpoint: (\S+)/, 30_000);
  return { url, stop: () => end(child) };
}
