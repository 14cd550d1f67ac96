import type { Notification, RequestId } from '@modelcontextprotocol/server';
import type { DeferredResponse } from '../request/deferred-response.js';
import { EVENT_STREAM, eventOf } from '../streams/event-stream.js';

/**
 * Writes what one call has to say: one JSON body, or an event stream from the
 * first notification on.
 */
export class DirectResponse {
  /** Nothing more is written: the answer was, or the client has left. */
  isDone = false;
  private isStreaming = false;

  /** @param alwaysStreams as answers did before 2026-07-28 */
  constructor(
    private readonly response: DeferredResponse,
    private readonly id: RequestId,
    private readonly alwaysStreams: boolean,
  ) {}

  /** Writes a message that comes before the answer. */
  notify(notification: Notification): void {
    if (this.isDone) {
      return;
    }
    if (!this.isStreaming) {
      this.isStreaming = true;
      this.response.writeHead(200, EVENT_STREAM);
    }
    this.response.write(
      eventOf(JSON.stringify({ jsonrpc: '2.0', ...notification })),
    );
  }

  /**
   * Writes the answer.
   *
   * @param result in JSON
   */
  answer(result: string): void {
    if (this.isDone) {
      return;
    }
    this.isDone = true;
    const answer = `{"result":${result},"jsonrpc":"2.0","id":${JSON.stringify(this.id)}}`;
    if (this.isStreaming) {
      this.response.end(eventOf(answer));
      return;
    }
    const body = this.alwaysStreams ? eventOf(answer) : answer;
    const bytes = Buffer.byteLength(body);
    this.response.writeHead(200, headersOf(this.alwaysStreams, bytes));
    this.response.end(body);
  }
}

/** Headers of an answer that is sent at once. */
export function headersOf(
  isStream: boolean,
  bytes: number,
): Record<string, string> {
  return {
    ...(isStream ? EVENT_STREAM : { 'content-type': 'application/json' }),
    'content-length': String(bytes),
  };
}
