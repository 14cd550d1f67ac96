/** Headers of an event stream; as the SDK's handler has them. */
export const EVENT_STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** Says nothing, but that the stream is alive (HTML, Server-sent events, "Authoring notes"). */
export const COMMENT = ': keepalive\n\n';

/** One event, of a message in JSON. */
export function eventOf(message: string): string {
  return `event: message\ndata: ${message}\n\n`;
}

/** The message in an event of {@link eventOf}. */
export function messageIn(event: string): string {
  return /^data: (.*)$/m.exec(event)?.[1] ?? '';
}
