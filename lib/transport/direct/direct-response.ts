import {
  type JSONRPCMessage,
  type JSONRPCRequest,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  ProtocolErrorCode,
  type RequestId,
  type Server,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import { MODERN_REVISION } from '../sdk-server/mcp-server.factory.js';
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

/** Takes what a server sends, and the request that it belongs to. */
type Send = (message: JSONRPCMessage, relatedId: RequestId | undefined) => void;

/**
 * Carries messages of the 2026-07-28 era. Of the SDK's transport only its class
 * is used, by which a server knows the era.
 */
export class DirectModernTransport extends PerRequestHTTPServerTransport {
  constructor(
    classification: MessageClassification,
    private readonly deliver: Send,
  ) {
    super({ classification });
  }

  override async send(
    message: JSONRPCMessage,
    options?: TransportSendOptions,
  ): Promise<void> {
    this.deliver(message, options?.relatedRequestId);
  }
}

/** Carries messages before 2026-07-28, without a session. */
export class DirectLegacyTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;

  constructor(private readonly deliver: Send) {}

  async start(): Promise<void> {
    // Nothing to open: requests come from elsewhere.
  }

  async send(
    message: JSONRPCMessage,
    options?: TransportSendOptions,
  ): Promise<void> {
    this.deliver(message, options?.relatedRequestId);
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}

const CLASSIFICATION = { era: 'modern', revision: MODERN_REVISION } as const;

/**
 * One SDK server that answers the requests of many clients, each under an id of
 * its own, as to make a server for each costs more than to answer it. Only for
 * what needs nothing of a server but its handlers: no state of it is ever used.
 */
export class SharedServer {
  private readonly responses = new Map<RequestId, DirectResponse>();
  private readonly transport: Transport;
  private lastId = 0;

  private constructor(
    private readonly era: ProtocolEra,
    readonly server: Server,
  ) {
    const send = (
      message: JSONRPCMessage,
      relatedId: RequestId | undefined,
    ): void => {
      const id = 'method' in message ? relatedId : message.id;
      this.responses.get(id ?? '')?.write(message);
    };
    this.transport =
      era === 'modern'
        ? new DirectModernTransport(CLASSIFICATION, send)
        : new DirectLegacyTransport(send);
  }

  static async connect(
    era: ProtocolEra,
    server: Server,
  ): Promise<SharedServer> {
    const shared = new SharedServer(era, server);
    await server.connect(shared.transport);
    return shared;
  }

  /** Gives a request an id of its own, under which the server writes to `writer`. */
  open(clientId: RequestId, writer: ResponseWriter): OpenRequest {
    const id = (this.lastId += 1);
    const response = new DirectResponse(
      writer,
      clientId,
      this.era === 'legacy',
      () => this.responses.delete(id),
    );
    this.responses.set(id, response);
    return { id, response };
  }

  /** Has the server serve a request. */
  dispatch({ id }: OpenRequest, message: JSONRPCRequest): void {
    this.transport.onmessage?.(
      { ...message, id },
      this.era === 'modern' ? { classification: CLASSIFICATION } : {},
    );
  }

  /** Ends the request without an answer, as nobody waits for it any more. */
  cancel({ id, response }: OpenRequest): void {
    if (!response.isDone) {
      response.stop();
      this.transport.onmessage?.({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId: id },
      });
    }
  }
}

/** A request under way on a shared server. */
export interface OpenRequest {
  readonly id: RequestId;
  readonly response: DirectResponse;
}
