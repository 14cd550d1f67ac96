import type { OutgoingHttpHeaders } from 'node:http';
import type { ServerSentEvent } from './sse.parser.js';

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
