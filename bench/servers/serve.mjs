/**
 * A server in a process of its own. Its description comes as the argument; it
 * tells where it listens, and answers questions while it runs.
 */
import { Session } from 'node:inspector/promises';

const server = JSON.parse(process.argv[2]);
let session;

const answers = {
  /** Bytes in use once everything unreachable is gone. */
  memory() {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { rss, heapUsed };
  },
  /** Microseconds of processor time so far. */
  cpu() {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
  async startProfile() {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 200 });
    await session.post('Profiler.start');
  },
  async stopProfile() {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return profile;
  },
};

process.on('message', async ({ ask, given }) => {
  process.send({ answer: await answers[ask](given) });
});
// The benchmark has ended, however it did.
process.on('disconnect', () => process.exit(0));

try {
  const { start } = await import(`./${server.kind}.mjs`);
  const { answers: own, ...started } = await start(server);
  Object.assign(answers, own);
  process.send({ started });
} catch (error) {
  process.send({ failed: error instanceof Error ? error.message : `${error}` });
}
