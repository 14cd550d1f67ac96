import { Writable } from 'node:stream';

let protocolStream: Writable | undefined;

/**
 * Keeps standard output for the protocol: from now on, whatever else is written
 * to `process.stdout`, by `console.log` or Nest's logger, goes to standard
 * error. Not caught is what bypasses `process.stdout`: pino and Fastify's
 * `logger` write to file descriptor 1 themselves, and need
 * `pino.destination(2)`.
 *
 * It holds until the process ends, as a client reads on while the server stops.
 * Further calls do nothing.
 *
 * @returns the stream that still leads to standard output
 * @publicApi
 */
export function protectStdout(): Writable {
  return (protocolStream ??= divert(process.stdout, process.stderr));
}

function divert(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): Writable {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // A client that is gone breaks the pipe; the writer below is told of it.
  stdout.on('error', () => undefined);
  return new Writable({
    write: (chunk: Buffer, encoding, done) => void write(chunk, encoding, done),
  });
}
