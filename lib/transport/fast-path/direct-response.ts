import {
  type JSONRPCMessage,
  ProtocolErrorCode,
  type RequestId,
} from '@modelcontextprotocol/server';
import { EVENT_STREAM, eventOf } from '../streams/event-stream.js';

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
  private settle: ((answer?: JSONRPCMessage) => void) | undefined;

  /**
   * @param id of the client's request, in place of which the server was given another
   * @param alwaysStreams as answers did before 2026-07-28
   */
  constructor(
    private readonly response: ResponseWriter,
    private readonly id: RequestId,
    private readonly alwaysStreams: boolean,
    private readonly ended: () => void,
  ) {}

  /** Settles with the answer, or with undefined where there will be none. */
  answered(): Promise<JSONRPCMessage | undefined> {
    return new Promise((resolve) => (this.settle = resolve));
  }

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
      return;
    }
    const answer = { ...message, id: this.id };
    this.end(JSON.stringify(answer), statusOf(answer));
    this.stop(answer);
  }

  /** Writes the answer, its result in JSON already. */
  writeResult(result: string): void {
    if (!this.isDone) {
      const id = JSON.stringify(this.id);
      this.end(`{"result":${result},"jsonrpc":"2.0","id":${id}}`, 200);
      this.stop();
    }
  }

  /** Writes nothing more. */
  stop(answer?: JSONRPCMessage): void {
    this.isDone = true;
    this.ended();
    this.settle?.(answer);
  }

  private end(answer: string, status: number): void {
    if (this.isStreaming) {
      this.response.end(eventOf(answer));
      return;
    }
    const body = this.alwaysStreams ? eventOf(answer) : answer;
    this.response.writeHead(
      this.alwaysStreams ? 200 : status,
      headersOf(this.alwaysStreams, Buffer.byteLength(body)),
    );
    this.response.end(body);
  }

  private stream(message: JSONRPCMessage): void {
    if (!this.isStreaming) {
      this.isStreaming = true;
      this.response.writeHead(200, EVENT_STREAM);
    }
    this.response.write(eventOf(JSON.stringify(message)));
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

/** A capability that the client lacks is the one failure of a handler with a status of its own. */
function statusOf(message: JSONRPCMessage): number {
  return 'error' in message &&
    message.error.code ===
      Number(ProtocolErrorCode.MissingRequiredClientCapability)
    ? 400
    : 200;
}
