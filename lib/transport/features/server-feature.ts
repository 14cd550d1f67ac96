import type { Server, ServerCapabilities } from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';
import type { Operation } from '../../invocation/operation.interface.js';

/** What an SDK server is made for. */
export interface ServedUnit {
  readonly era: ProtocolEra;
  /** Whether the client can be reached after its request has been answered. */
  readonly hasSession: boolean;
}

/** One part of the protocol: what is declared of it, and who answers. */
export interface ServerFeature {
  /** Empty where the server offers nothing of the kind: it then answers none of its methods. */
  capabilities(unit: ServedUnit): ServerCapabilities;
  /** Called where the feature has declared a capability. */
  install(server: Server, unit: ServedUnit): void;
  /** What a request would call; undefined for what is not this feature's, or not there. */
  operationOf?(method: unknown, params: unknown): Operation | undefined;
}
