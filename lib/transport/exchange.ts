import type {
  CallToolResult,
  InputRequiredResult,
  RequestId,
} from '@modelcontextprotocol/server';
import type { Outlet } from './streams/outlet.js';
import { ScopeSlot } from '../auth/context/scope-slot.js';

/** One HTTP request on the endpoint while it is served. */
export interface Exchange {
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
  writer?: ExchangeWriter;
  /** The client's id of the request, where the SDK's server is given another. */
  requestId?: RequestId;
  /** Set where the call has been made already, and only its answer is left to the SDK. */
  made?: Promise<CallToolResult | InputRequiredResult>;
}

/** Writes the response of an exchange. */
export interface ExchangeWriter {
  /** Has something sent in the silence before the answer, or between messages. */
  keepOpen(): void;
}

/** A refusal in HTTP, ready to send. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const current = new ScopeSlot<Exchange>();

/** Runs `serve` so that {@link currentExchange} finds the exchange from any depth. */
export function runExchange<T>(exchange: Exchange, serve: () => T): T {
  return current.run(exchange, serve);
}

/** The exchange being served, if any. */
export function currentExchange(): Exchange | undefined {
  return current.get();
}
