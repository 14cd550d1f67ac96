import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned } from './auth-certificate.js';

const BINARY = process.env['NGINX'] ?? '/usr/sbin/nginx';

/** Whether there is an nginx to start: Debian's, or that of `NGINX`. */
export function nginxAvailable(): boolean {
  return existsSync(BINARY);
}

/** An nginx with TLS for `localhost`. */
export interface Nginx {
  /** The certificate that it shows, signed by itself. */
  readonly cert: string;
  stop(): Promise<void>;
}

/**
 * Starts nginx with a server block as it stands in the documentation, for
 * `example.com` at 443 in front of port 3000: those are replaced. All its files
 * are in a temporary folder.
 *
 * @param port free, and `upstream` that of the application
 */
export async function startNginx(
  server: string,
  { port, upstream }: { readonly port: number; readonly upstream: number },
): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const { key, cert } = selfSigned();
  await writeFile(join(folder, 'key.pem'), key);
  await writeFile(join(folder, 'cert.pem'), cert);
  const block = server
    .replaceAll('/etc/ssl/example.com.pem', join(folder, 'cert.pem'))
    .replaceAll('/etc/ssl/example.com.key', join(folder, 'key.pem'))
    .replaceAll('example.com', 'localhost')
    .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${upstream}`);
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  await writeFile(
    join(folder, 'nginx.conf'),
    [
      'daemon off; master_process off; error_log stderr;',
      `pid ${join(folder, 'nginx.pid')};`,
      `events {} http { access_log off; ${places.join(' ')}`,
      block,
      '}',
    ].join('\n'),
  );
  const nginx = spawn(
    BINARY,
    ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const stop = async (): Promise<void> => {
    if (nginx.exitCode === null && nginx.signalCode === null) {
      const ended = new Promise((resolve) => nginx.once('exit', resolve));
      nginx.kill('SIGKILL');
      await ended;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await accepting(nginx, port);
  } catch (error) {
    await stop();
    throw error;
  }
  return { cert, stop };
}

/** Resolves when it takes connections; rejects with what it says where it ends. */
async function accepting(nginx: ChildProcess, port: number): Promise<void> {
  let output = '';
  nginx.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (nginx.exitCode !== null) {
      throw new Error(`nginx ended: ${output}`);
    }
    if (await connects(port)) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`nginx takes no connections: ${output}`);
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
