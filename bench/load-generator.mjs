/** The benchmark's side of the load generator. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { checkAnswer, requestOf } from './requests.mjs';
import { nextMessage } from './running-server.mjs';

const ENTRY = fileURLToPath(new URL('load.mjs', import.meta.url));
/** Milliseconds the first answer may take. */
const ANSWER_TIMEOUT = 10_000;

export class LoadGenerator {
  constructor() {
    this.child = fork(ENTRY, { execArgv: [] });
  }

  /**
   * Asks once and checks the answer: the first, that all others must equal.
   * @throws Error where it is not the expected result
   */
  async first(row, server) {
    const { headers, body } = requestOf(row);
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: { ...headers, ...server.headers },
      body,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    const text = await answer.text();
    checkAnswer(row, answer.status, text);
    return text;
  }

  /**
   * Loads the server with the row's request.
   * @param length `seconds`, or an `amount` of requests
   * @throws Error where one answer was refused, or differs from `expected`
   */
  async run(row, server, expected, length) {
    const { headers, body } = requestOf(row);
    const reply = nextMessage(this.child);
    this.child.send({
      url: server.url,
      headers: { ...headers, ...server.headers },
      body,
      connections: row.connections,
      expected,
      ...length,
    });
    const { measured, failed } = await reply;
    if (failed !== undefined) {
      throw new Error(failed);
    }
    return measured;
  }

  stop() {
    this.child.kill();
  }
}
