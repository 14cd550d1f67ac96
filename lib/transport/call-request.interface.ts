import type { Server, ServerContext } from '@modelcontextprotocol/server';
import type { Cancellation } from '../invocation/call/cancellation.js';
import type { Call } from '../invocation/call/call.interface.js';
import type { Operation } from '../invocation/operation.interface.js';
import type { Refusal } from './call-refusal.js';

/** What a call came to, in the words of its kind of operation. */
export interface Outcome<R> extends Refusal {
  readonly result: R;
  /** Whether the operation failed, for the log of who did what. */
  readonly failed?: boolean;
}

/** What is asked of one operation. */
export interface OperationRequest<R> {
  readonly operation: Operation;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Does what was asked for. */
  readonly invoke: (call: Call) => Promise<Outcome<R>>;
  /** What a caller gets that is not let through. */
  readonly refuse: (message: string, status: 401 | 403 | 503) => Outcome<R>;
}

/** What calls read of the SDK's context of a request, and tell by it. */
export interface RequestContext {
  readonly sessionId?: ServerContext['sessionId'];
  readonly mcpReq: Pick<
    ServerContext['mcpReq'],
    | 'id'
    | 'method'
    | '_meta'
    | 'envelope'
    | 'inputResponses'
    | 'requestState'
    | 'signal'
    | 'notify'
    | 'log'
  >;
  /** Where it is told by more than the signal. */
  readonly cancellation?: Cancellation;
  readonly http?: Pick<NonNullable<ServerContext['http']>, 'closeSSE'>;
}

/** One request for one operation. */
export interface CallRequest<R> extends OperationRequest<R> {
  /** Name of the tool or prompt, URI of the resource: as the client wrote it. */
  readonly name: string;
  readonly server: Server;
  readonly context: RequestContext;
}
