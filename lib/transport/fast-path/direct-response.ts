import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  ProtocolErrorCode,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { DeferredResponse } from '../deferred-response.js';

/** Milliseconds between the comments that keep a stream open; as the SDK's handler has it. */
const KEEP_ALIVE = 15_000;

/** Headers of an event stream; as the SDK's handler has them. */
export const EVENT_STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/**
 * Writes what the SDK's server has to say to one request: one JSON body, or an
 * event stream from the first message on that comes before the response.
 */
export class DirectResponse {
  /** Set where the server refused before any handler of ours began. */
  isDeclined = false;
  /** Nothing more is written. */
  isDone = false;
  private isDispatching = false;
  private isStreaming = false;
  private keepAlive: NodeJS.Timeout | undefined;

  /** @param alwaysStreams as answers did before 2026-07-28 */
  constructor(
    private readonly response: DeferredResponse,
    private readonly id: RequestId,
    private readonly alwaysStreams: boolean,
    private readonly finished: (answer: JSONRPCMessage) => void,
  ) {}

  /** Marks what is written within as said before any handler began. */
  whileDispatching(dispatch: () => void): void {
    this.isDispatching = true;
    try {
      dispatch();
    } finally {
      this.isDispatching = false;
    }
  }

  /** Writes a message that belongs to the request; drops any other, as nobody waits for it. */
  write(
    message: JSONRPCMessage,
    relatedRequestId: RequestId | undefined,
  ): void {
    const isResponse =
      isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message);
    if (
      this.isDone ||
      (isResponse ? message.id : relatedRequestId) !== this.id
    ) {
      return;
    }
    if (!isResponse) {
      this.stream(message);
      return;
    }
    if (this.isDispatching && isJSONRPCErrorResponse(message)) {
      this.isDeclined = true;
      this.stop();
      return;
    }
    if (this.isStreaming || this.alwaysStreams) {
      this.stream(message);
      this.response.end();
    } else {
      this.response.writeHead(statusOf(message), {
        'content-type': 'application/json',
      });
      this.response.end(JSON.stringify(message));
    }
    this.stop();
    this.finished(message);
  }

  /** Writes nothing more. */
  stop(): void {
    this.isDone = true;
    clearInterval(this.keepAlive);
  }

  private stream(message: JSONRPCMessage): void {
    if (!this.isStreaming) {
      this.isStreaming = true;
      this.response.writeHead(200, EVENT_STREAM);
      this.keepAlive = setInterval(
        () => this.response.write(': keepalive\n\n'),
        KEEP_ALIVE,
      );
      this.keepAlive.unref();
    }
    this.response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
  }
}

/** A capability that the client lacks is the one failure of a handler with a status of its own. */
function statusOf(message: JSONRPCMessage): number {
  return isJSONRPCErrorResponse(message) &&
    message.error.code ===
      Number(ProtocolErrorCode.MissingRequiredClientCapability)
    ? 400
    : 200;
}
