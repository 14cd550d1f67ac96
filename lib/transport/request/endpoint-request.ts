import type { NodeIncomingMessageLike } from '@modelcontextprotocol/node';
import type {
  JSONRPCMessage,
  Server,
  ServerContext,
} from '@modelcontextprotocol/server';
import type { IncomingMessage } from 'node:http';
import { ScopeSlot } from '../../context/scope-slot.js';
import type { Call } from '../../invocation/call/call.interface.js';
import type { Cancellation } from '../../invocation/call/cancellation.js';
import type { Operation } from '../../invocation/operation-outcome.js';
import type { Outlet } from '../streams/event-stream.js';

/** How a call was refused, if it was. */
export interface Refusal {
  readonly refusal?: 401 | 403;
  /** For the caller. */
  readonly message?: string | undefined;
}

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

/** One HTTP request on the endpoint while it is served. */
export interface EndpointRequest {
  /** The adapter's own request: Express `Request` or `FastifyRequest`. */
  readonly request: unknown;
  /** The adapter's own response. */
  readonly response: unknown;
  /**
   * Set when a tool's route refused the caller: the answer becomes this
   * refusal, where nothing of another has been sent yet.
   */
  refusal?: HttpRefusal;
  /** Bytes that may wait for a client that does not read its stream; no limit where left out. */
  readonly maxUnreadBytes?: number;
  /** Whether the answer is a stream that stays open until the client leaves. */
  readonly staysOpen?: boolean;
  /** The stream that what is said goes to; set with the first of it. */
  outlet?: Outlet;
  /** What writes the response, from when there is something that does. */
  writer?: RequestWriter;
  /** Told the answer to the request, once it is written whole. */
  onAnswer?: (answer: JSONRPCMessage) => void;
}

/** Writes the response of an exchange. */
export interface RequestWriter {
  /** Has something sent in the silence before the answer, or between messages. */
  keepOpen(): void;
}

/** A refusal in HTTP, ready to send. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const current = new ScopeSlot<EndpointRequest>();

/** Runs `serve` so that {@link currentRequest} finds the exchange from any depth. */
export function runRequest<T>(exchange: EndpointRequest, serve: () => T): T {
  return current.run(exchange, serve);
}

/** The exchange being served, if any. */
export function currentRequest(): EndpointRequest | undefined {
  return current.get();
}

/** The SDK makes a URL of host and path; which one is of no account, but it must parse. */
export function fetchable(request: IncomingMessage): NodeIncomingMessageLike {
  return {
    ...(request.method !== undefined && { method: request.method }),
    url: '/',
    headers: request.headers,
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
  };
}
