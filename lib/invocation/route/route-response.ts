import type { OutgoingHttpHeaders } from 'node:http';
import { StringDecoder } from 'node:string_decoder';

/** One event of a `text/event-stream`. */
export interface ServerSentEvent {
  /** Its `event` field; `message` without one. */
  readonly type: string;
  readonly data: string;
}

/**
 * Reads a stream of server-sent events piece by piece (WHATWG HTML, section
 * 9.2.6). Comments, ids and retry times are skipped, as are events without data.
 */
export class SseParser {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private started = false;
  private type = '';
  private data: string | undefined;

  constructor(private readonly onEvent: (event: ServerSentEvent) => void) {}

  feed(chunk: Buffer): void {
    this.rest += this.decoder.write(chunk);
    if (!this.started && this.rest !== '') {
      this.started = true;
      this.rest = this.rest.replace(/^\uFEFF/, '');
    }
    // A final CR may be half of a CRLF: it waits for the next piece.
    const lines = this.rest.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      this.readLine(line);
    }
  }

  private readLine(line: string): void {
    if (line === '') {
      const data = this.data;
      const type = this.type || 'message';
      this.data = undefined;
      this.type = '';
      if (data !== undefined) {
        this.onEvent({ type, data });
      }
      return;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') {
      this.data = this.data === undefined ? value : `${this.data}\n${value}`;
    } else if (field === 'event') {
      this.type = value;
    }
  }
}

/** What a route answered. */
export interface RouteResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<OutgoingHttpHeaders>;
  /** Decoded from any `Content-Encoding`; empty for an event stream. */
  readonly body: Buffer;
  /** The events of a `text/event-stream`; undefined for anything else. */
  readonly events?: readonly ServerSentEvent[];
  /**
   * Whether the answer was stopped because it passed the limit or, with events,
   * the call's time was up. Its events up to there are kept, its body is not.
   */
  readonly stopped?: boolean | 'time';
}
