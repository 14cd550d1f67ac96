import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { progressMessage } from '../call/call.interface.js';
import type { Call } from '../call/call.interface.js';
import type { RouteResponse } from './route-response.js';
import { SseParser, type ServerSentEvent } from './route-response.js';

// JSON over the limit is cut, for which it is needed whole: up to a point.
const JSON_ALLOWANCE = 64;

/** Bytes to collect of an answer of this type, when its result may have `maxResultBytes`. */
export function bytesToCollect(
  headers: Readonly<OutgoingHttpHeaders>,
  maxResultBytes: number,
): number {
  return String(headers['content-type']).toLowerCase().includes('json')
    ? maxResultBytes * JSON_ALLOWANCE
    : maxResultBytes;
}

/** Receives what a route answers. */
export interface ResponseSink {
  /** Status and headers are final. */
  onHead(response: ServerResponse): void;
  onChunk(chunk: Buffer): void;
  /** `complete` is false when the route destroyed the response. */
  onEnd(complete: boolean): void;
}

/** Collects what a route answers, event by event where it streams events. */
export class ResponseRecorder implements ResponseSink {
  private status = 200;
  private headers: OutgoingHttpHeaders = {};
  private limit: number;
  private size = 0;
  private readonly chunks: Buffer[] = [];
  private events: ServerSentEvent[] | undefined;
  private parser: SseParser | undefined;

  constructor(
    maxResultBytes: number,
    private readonly reportProgress: Call['reportProgress'],
    private readonly onDone: (response: RouteResponse | undefined) => void,
  ) {
    this.limit = maxResultBytes;
  }

  onHead(response: ServerResponse): void {
    this.status = response.statusCode;
    this.headers = response.getHeaders();
    this.limit = bytesToCollect(this.headers, this.limit);
    const type = String(this.headers['content-type']).toLowerCase();
    if (type.startsWith('text/event-stream')) {
      const events: ServerSentEvent[] = [];
      this.events = events;
      this.parser = new SseParser((event) => {
        events.push(event);
        this.reportProgress?.(
          events.length,
          undefined,
          progressMessage(event.data),
        );
      });
    }
  }

  onChunk(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > this.limit) {
      this.onDone(this.response(true));
    } else if (this.parser !== undefined) {
      this.parser.feed(chunk);
    } else {
      this.chunks.push(chunk);
    }
  }

  onEnd(complete: boolean): void {
    this.onDone(complete ? this.response(false) : undefined);
  }

  /** What an event stream has sent when the call's time is up; undefined for any other answer. */
  soFar(): RouteResponse | undefined {
    return this.events && this.response('time');
  }

  private response(stopped: boolean | 'time'): RouteResponse {
    const [first] = this.chunks;
    return {
      status: this.status,
      headers: this.headers,
      body:
        first !== undefined && this.chunks.length === 1
          ? first
          : Buffer.concat(stopped ? [] : this.chunks),
      ...(this.events && { events: this.events }),
      ...(stopped && { stopped }),
    };
  }
}
