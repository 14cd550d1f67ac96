import {
  isJSONRPCErrorResponse,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { ExchangeWriter } from '../../exchange.js';
import { COMMENT, EVENT_STREAM } from '../../streams/event-stream.js';
import { Outlet } from '../../streams/outlet.js';
import type { MessageWatcher } from '../session.transport.js';

/** HTTP+SSE of MCP 2024-11-05: one stream carries all that the server sends. */
export class SseTransport implements Transport, ExchangeWriter {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** To be set before the first message. */
  watcher: MessageWatcher | undefined;
  private isOpen = false;
  /** Where all that the client is told goes. */
  readonly outlet: Outlet;

  constructor(
    readonly sessionId: string,
    private readonly response: ServerResponse,
    private readonly headers: OutgoingHttpHeaders,
    /** Where the client is to post, as the first event tells it. */
    private readonly messagesUrl: string,
    maxUnreadBytes: number,
  ) {
    this.outlet = new Outlet(response, maxUnreadBytes, false);
  }

  start(): Promise<void> {
    this.response.writeHead(200, { ...this.headers, ...EVENT_STREAM });
    this.write('endpoint', this.messagesUrl);
    this.isOpen = true;
    this.response.once('close', () => void this.close());
    return Promise.resolve();
  }

  /** Takes a message that was posted. */
  receive(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      this.watcher?.noteCall(message.id);
    } else if (
      'method' in message &&
      message.method === 'notifications/cancelled'
    ) {
      // The SDK does not answer what was cancelled.
      this.watcher?.noteAnswer(message.params?.['requestId'] as RequestId);
    }
    this.onmessage?.(message);
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      this.watcher?.noteAnswer(message.id as RequestId);
    }
    this.write('message', JSON.stringify(message));
    return Promise.resolve();
  }

  /** Resolves when there is room for more. */
  drained(): Promise<void> {
    return this.outlet.drained();
  }

  keepOpen(): void {
    if (this.isOpen && !this.response.writableNeedDrain) {
      this.response.write(COMMENT);
    }
  }

  close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      this.response.end();
      this.onclose?.();
    }
    return Promise.resolve();
  }

  private write(event: string, data: string): void {
    if (this.response.writableEnded || this.response.destroyed) {
      return;
    }
    if (this.outlet.isFull) {
      this.outlet.end();
      void this.close();
      return;
    }
    this.outlet.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}
