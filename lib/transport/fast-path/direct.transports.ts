import {
  type JSONRPCMessage,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { DirectResponse } from './direct-response.js';

/**
 * Carries one exchange of the 2026-07-28 era. Of the SDK's transport only its
 * class is used, by which a server knows the era; it writes to Node's response
 * where that one would make a `Response`.
 */
export class DirectModernTransport extends PerRequestHTTPServerTransport {
  private isClosed = false;

  constructor(
    classification: MessageClassification,
    private readonly response: DirectResponse,
  ) {
    super({ classification });
  }

  override async send(
    message: JSONRPCMessage,
    options?: TransportSendOptions,
  ): Promise<void> {
    this.response.write(message, options?.relatedRequestId);
  }

  override async close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      this.response.stop();
      this.onclose?.();
    }
  }
}

/** Carries one exchange before 2026-07-28, without a session. */
export class DirectLegacyTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport['onmessage']>;
  private isClosed = false;

  constructor(private readonly response: DirectResponse) {}

  async start(): Promise<void> {
    // Nothing to open: the request is there already.
  }

  async send(
    message: JSONRPCMessage,
    options?: TransportSendOptions,
  ): Promise<void> {
    this.response.write(message, options?.relatedRequestId);
  }

  async close(): Promise<void> {
    if (!this.isClosed) {
      this.isClosed = true;
      this.response.stop();
      this.onclose?.();
    }
  }
}
