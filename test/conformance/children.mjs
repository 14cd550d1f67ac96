// Child processes that never outlive this one.
import { once } from 'node:events';

const running = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(130));
}
process.once('exit', () => {
  for (const child of running) {
    child.kill('SIGKILL');
  }
});

/** Ends the child with this process, at the latest. */
export function adopt(child) {
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

/** Asks the child to end, and has it ended where it does not. */
export async function end(child) {
  if (running.has(child)) {
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await closed;
    clearTimeout(timer);
  }
}

/** What the child says, and its exit code, once it has ended. */
export async function textOf(child, milliseconds) {
  adopt(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { text, code };
}

/** What the child says, up to the first match. */
export function waitFor(child, pattern, milliseconds) {
  adopt(child);
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why) => reject(new Error(`${why}:\n${text}`));
    const timer = setTimeout(
      () => fail(`Nothing matched ${pattern} in ${milliseconds} ms`),
      milliseconds,
    );
    for (const stream of [child.stdout, child.stderr]) {
      // Read to the end, or the child would wait for a reader.
      stream.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        const match = pattern.exec(text);
        if (match) {
          clearTimeout(timer);
          resolve(match);
        }
      });
    }
    child.once('error', ({ message }) => fail(message));
    child.once('close', (code) => fail(`It ended with code ${code}`));
  });
}
