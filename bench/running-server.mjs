/** The benchmark's side of a server process. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ENTRY = fileURLToPath(new URL('servers/serve.mjs', import.meta.url));
/** Milliseconds a server may take to start. */
const START_TIMEOUT = 60_000;

export class RunningServer {
  /** @param started `url` of the endpoint, and `headers` that requests need */
  constructor(child, started) {
    this.child = child;
    this.url = started.url;
    this.headers = started.headers ?? {};
  }

  /**
   * @param server kind, adapter, number of tools, shape of the route, auth
   * @param node the Node.js to run it with
   * @throws Error with the server's own words where it does not start
   */
  static async start(server, node = process.execPath) {
    const child = fork(ENTRY, [JSON.stringify(server)], {
      execPath: node,
      execArgv: ['--expose-gc'],
      env: { ...process.env, NODE_ENV: 'production', NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += chunk));
    const timer = setTimeout(() => child.kill(), START_TIMEOUT);
    try {
      const { started, failed } = await nextMessage(child);
      if (!started) {
        throw new Error(failed);
      }
      return new RunningServer(child, started);
    } catch (error) {
      child.kill();
      throw new Error(`${error.message} ${lastLines(errors)}`.trim());
    } finally {
      clearTimeout(timer);
    }
  }

  /** Asks the server for `memory`, `cpu`, `startProfile`, `stopProfile`, or what its kind answers. */
  async ask(question, given) {
    const answer = nextMessage(this.child);
    this.child.send({ ask: question, given });
    return (await answer).answer;
  }

  stop() {
    this.child.kill();
  }
}

/** The next message of a child process; fails when the process ends instead. */
export function nextMessage(child) {
  return new Promise((resolve, reject) => {
    const ended = (code, signal) =>
      reject(new Error(`the process ended (${signal ?? code})`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

const lastLines = (text) => text.trim().split('\n').slice(-3).join(' ');
