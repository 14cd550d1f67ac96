/** Loads a server that is dispatched in process: as the load generator does, without it. */
import { checkAnswer } from './requests.mjs';

export class InnerLoad {
  /** The answer to one dispatch. @throws Error where it is not the expected result */
  async first(row, server) {
    const answer = await server.ask('dispatch', {});
    checkAnswer(row, 200, answer);
    return answer;
  }

  /** @throws Error where the answer has become another */
  async run(row, server, expected, { seconds }) {
    const milliseconds = seconds * 1000;
    const requests = await server.ask('dispatch', { milliseconds });
    if ((await server.ask('dispatch', {})) !== expected) {
      throw new Error('the answer differs from the first');
    }
    const each = milliseconds / requests;
    return { requests, requestsPerSecond: 1000 / each, p50: each, p99: each };
  }
}
