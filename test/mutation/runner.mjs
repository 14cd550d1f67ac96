import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { copyOf } from './sandbox.mjs';

const WORKER = new URL('./jest-worker.mjs', import.meta.url);
/** Runs after which a process is replaced: modules of tests are never freed. */
const RUNS_PER_PROCESS = 15;

/** Tries mutants in a sandbox of its own. */
export class Runner {
  #root;
  #child;
  #runs = 0;

  constructor(snapshotRoot) {
    this.#root = copyOf(snapshotRoot);
  }

  /**
   * @param {import('./mutants.mjs').Mutant} mutant
   * @param {string} original text of the file
   * @param {{ spec: string, limit: number }[]} specs limit in milliseconds
   * @returns the status, and the spec file that noticed
   */
  async try(mutant, original, specs) {
    const file = join(this.#root, mutant.file);
    writeFileSync(file, mutant.text);
    try {
      for (const { spec, limit } of specs) {
        let status = await this.run(spec, limit);
        if (status === 'timeout' || status === 'crashed') {
          // Not for what the mutant before it left behind, or a busy machine.
          status = await this.run(spec, 2 * limit);
        }
        if (status !== 'passed') {
          return { status, by: spec };
        }
      }
      return { status: specs.length > 0 ? 'survived' : 'not reached' };
    } finally {
      writeFileSync(file, original);
    }
  }

  /** Runs one spec file: passed, killed (a test failed), timeout or crashed. */
  async run(spec, limit) {
    if (!this.#child || this.#runs >= RUNS_PER_PROCESS) {
      await this.#restart();
    }
    this.#runs += 1;
    const child = this.#child;
    const status = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), limit);
      const settle = (result) => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(result);
      };
      child.once('message', ({ passed }) =>
        settle(passed ? 'passed' : 'killed'),
      );
      child.once('exit', () => settle('crashed'));
      child.send(spec);
    });
    if (status === 'timeout' || status === 'crashed') {
      await this.#stop();
    }
    return status;
  }

  async close() {
    await this.#stop();
  }

  async #restart() {
    await this.#stop();
    this.#child = fork(WORKER, {
      cwd: this.#root,
      execArgv: ['--experimental-vm-modules', '--no-warnings'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#runs = 0;
  }

  async #stop() {
    const child = this.#child;
    this.#child = undefined;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.removeAllListeners();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
  }
}
