/** Sends requests as they are, over kept connections, and reads what comes back. */
import { Agent, request as open } from 'node:http';

/** Milliseconds a request may take. */
const TIMEOUT = 15_000;
/** Milliseconds that a stream of events is read. */
const STREAM = 50;
/** Characters of an answer that are looked at. */
const MAX_TEXT = 64 * 1024;

export class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: 32 });

  /** @param names what stands for `{session}`, `{token}` and others */
  constructor(origin, names) {
    this.origin = origin;
    this.names = names;
  }

  /** @returns status, headers and text; a status of 0 where no answer came */
  async send(request, number) {
    const answer = await this.#once(request, number);
    // A kept connection may have been closed at the same moment.
    return answer.status === 0 && ['ECONNRESET', 'EPIPE'].includes(answer.text)
      ? this.#once(request, number)
      : answer;
  }

  close() {
    this.#agent.destroy();
  }

  #once({ method, path, headers, pieces }, number) {
    const { hostname, port } = new URL(this.origin);
    const body = pieces.map((piece) =>
      Buffer.from(this.#named(piece.toString('latin1')), 'latin1'),
    );
    const length =
      body.length === 1 ? { 'content-length': body[0].length } : {};
    return new Promise((resolve) => {
      let text = '';
      let head = { status: 0, headers: {} };
      const done = (error) => {
        clearTimeout(timer);
        resolve({
          ...head,
          text:
            error && head.status === 0 ? (error.code ?? String(error)) : text,
        });
      };
      const outgoing = open(
        {
          agent: this.#agent,
          hostname,
          port,
          method,
          path: this.#named(path),
          headers: {
            ...Object.fromEntries(
              Object.entries(headers).map(([name, value]) => [
                name,
                this.#named(String(value)),
              ]),
            ),
            ...length,
            'x-fuzz': String(number),
          },
        },
        (response) => {
          head = { status: response.statusCode, headers: response.headers };
          if (response.headers['content-type'] === 'text/event-stream') {
            setTimeout(() => outgoing.destroy(), STREAM);
          }
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text = (text + chunk).slice(0, MAX_TEXT);
          });
          response.once('close', () => done());
          response.once('error', () => done());
        },
      );
      outgoing.once('error', done);
      const timer = setTimeout(() => {
        outgoing.destroy();
        done(new Error('no answer in time'));
      }, TIMEOUT);
      body.forEach((piece) => outgoing.write(piece));
      outgoing.end();
    });
  }

  #named(text) {
    return text.replace(/\{(\w+)\}/g, (all, name) => this.names[name] ?? all);
  }
}
