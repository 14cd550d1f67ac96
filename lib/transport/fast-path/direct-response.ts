import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  type RequestId,
} from '@modelcontextprotocol/server';

/** Milliseconds between the comments that keep a stream open; as the SDK's handler has it. */
const KEEP_ALIVE = 15_000;

/** Headers of an event stream; as the SDK's handler has them. */
export const EVENT_STREAM = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  connection: 'keep-alive',
  'x-accel-buffering': 'no',
};

/** The part of a response that is written to. */
export interface ResponseWriter {
  writeHead(status: number, headers: Record<string, string>): unknown;
  write(chunk: string | Uint8Array): unknown;
  end(chunk?: string | Uint8Array): unknown;
}

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

  /**
   * @param id of the client's request, in place of which the server was given another
   * @param alwaysStreams as answers did before 2026-07-28
   */
  constructor(
    private readonly response: ResponseWriter,
    private readonly id: RequestId,
    private readonly alwaysStreams: boolean,
    private readonly finished: (answer?: JSONRPCMessage) => void,
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

  /** Writes a message that belongs to the request. */
  write(message: JSONRPCMessage): void {
    if (this.isDone) {
      return;
    }
    if ('method' in message) {
      this.stream(message);
      return;
    }
    if (this.isDispatching && 'error' in message) {
      this.isDeclined = true;
      this.stop();
      this.finished();
      return;
    }
    const answer = { ...message, id: this.id };
    if (this.isStreaming) {
      this.response.end(eventOf(answer));
    } else if (this.alwaysStreams) {
      this.response.writeHead(200, EVENT_STREAM);
      this.response.end(eventOf(answer));
    } else {
      const body = JSON.stringify(answer);
      this.response.writeHead(statusOf(answer), {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
      });
      this.response.end(body);
    }
    this.stop();
    this.finished(answer);
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
    this.response.write(eventOf(message));
  }
}

function eventOf(message: JSONRPCMessage): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`;
}

/** A capability that the client lacks is the one failure of a handler with a status of its own. */
function statusOf(message: JSONRPCMessage): number {
  return 'error' in message &&
    message.error.code ===
      Number(ProtocolErrorCode.MissingRequiredClientCapability)
    ? 400
    : 200;
}
