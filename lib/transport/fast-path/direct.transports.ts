import {
  type JSONRPCMessage,
  type MessageClassification,
  PerRequestHTTPServerTransport,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';

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
