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

/** One request on a shared server. */
export interface SharedExchange {
  /** Whether the server refused before any handler of ours began; nothing was written then. */
  readonly isDeclined: boolean;
  /** Settles with the answer, or undefined where the exchange was abandoned. */
  readonly answered: Promise<JSONRPCMessage | undefined>;
  /** Gives the call up, as nobody waits for it any more. */
  readonly abandon: () => void;
}

const CLASSIFICATION = { era: 'modern', revision: MODERN_REVISION } as const;

/**
 * One SDK server that answers the requests of many clients, each under an id of
 * its own, as to make a server for each costs more than to answer it. Only for
 * what needs nothing of a server but its handlers: no state of it is ever used.
 */
export class SharedServer {
  private readonly exchanges = new Map<RequestId, DirectResponse>();
  private readonly transport: Transport;
  private lastId = 0;

  private constructor(private readonly era: ProtocolEra) {
    const send = (
      message: JSONRPCMessage,
      relatedId: RequestId | undefined,
    ): void => {
      const id = 'method' in message ? relatedId : message.id;
      this.exchanges.get(id ?? '')?.write(message);
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
    const shared = new SharedServer(era);
    await server.connect(shared.transport);
    return shared;
  }

  serve(message: JSONRPCRequest, writer: ResponseWriter): SharedExchange {
    const id = (this.lastId += 1);
    let settle!: (answer: JSONRPCMessage | undefined) => void;
    const answered = new Promise<JSONRPCMessage | undefined>((resolve) => {
      settle = resolve;
    });
    const end = (answer?: JSONRPCMessage): void => {
      this.exchanges.delete(id);
      settle(answer);
    };
    const response = new DirectResponse(
      writer,
      message.id,
      this.era === 'legacy',
      end,
    );
    this.exchanges.set(id, response);
    response.whileDispatching(() =>
      this.transport.onmessage?.(
        { ...message, id },
        this.era === 'modern' ? { classification: CLASSIFICATION } : {},
      ),
    );
    return {
      isDeclined: response.isDeclined,
      answered,
      abandon: () => {
        if (!response.isDone) {
          response.stop();
          end();
          this.transport.onmessage?.({
            jsonrpc: '2.0',
            method: 'notifications/cancelled',
            params: { requestId: id },
          });
        }
      },
    };
  }
}
