import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import type { Exchange } from '../exchange.js';
import { READY } from '../streams/outlet.js';
import type { SessionEvents } from '../event-store/session-events.js';

/** What a session learns of the messages that pass. */
export interface MessageWatcher {
  noteCall(id: RequestId): void;
  isRunning(id: RequestId): boolean;
  noteAnswer(id: RequestId): void;
}

/** Not in use by the protocol; the Language Server Protocol has it for the same. */
const REQUEST_CANCELLED = -32800;

/** The SDK's transport of one session, which tells what calls are running. */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  /** The exchange of the stream that carries what belongs to no call. */
  listening: Exchange | undefined;
  /** To be set before the server is connected. */
  watcher: MessageWatcher | undefined;

  constructor(
    id: string,
    events: SessionEvents,
    retryInterval: number,
    onClosed: () => void,
  ) {
    super({
      sessionIdGenerator: () => id,
      eventStore: events,
      retryInterval,
      // Streams of all kinds are kept open by the endpoint.
      keepAliveMs: 0,
    });
    // The server's own are called as well, after these.
    this.onclose = onClosed;
    this.onmessage = (message) => this.watch(message);
  }

  /** Resolves when the client has taken what its GET stream holds; at once without one. */
  drained(): Promise<void> {
    return this.listening?.outlet?.drained() ?? READY;
  }

  override async send(
    message: JSONRPCMessage,
    options?: { relatedRequestId?: RequestId },
  ): Promise<void> {
    try {
      await super.send(message, options);
    } finally {
      if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
        this.watcher?.noteAnswer(message.id as RequestId);
      }
    }
  }

  private watch(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      this.watcher?.noteCall(message.id);
    } else if (
      'method' in message &&
      message.method === 'notifications/cancelled'
    ) {
      this.endCancelled(message.params?.['requestId'] as RequestId);
    }
  }

  /**
   * The SDK does not answer a call that was cancelled, and its stream would
   * stay open until the session ends. An answer is what ends it for clients
   * that would resume it otherwise. Until it is sent, the id is in use.
   */
  private endCancelled(id: RequestId): void {
    if (this.watcher?.isRunning(id)) {
      const error = { code: REQUEST_CANCELLED, message: 'Request cancelled' };
      this.send({ jsonrpc: '2.0', id, error }).catch((failure: Error) =>
        this.onerror?.(failure),
      );
    }
  }
}
