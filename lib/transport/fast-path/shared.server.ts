import type {
  JSONRPCMessage,
  JSONRPCRequest,
  RequestId,
  Server,
  Transport,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';
import { MODERN_REVISION } from '../protocol-revisions.js';
import {
  DirectLegacyTransport,
  DirectModernTransport,
} from './direct.transports.js';
import { DirectResponse, type ResponseWriter } from './direct-response.js';

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
