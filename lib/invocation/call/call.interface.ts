import type { OperationKind } from '../call-result.js';
import type { Cancellation } from './cancellation.js';
import type { ClientLink } from './client-link.js';

/** One call of one operation, as the transport received it. */
export interface Call {
  readonly kind: OperationKind;
  /** Name of the tool or prompt; URI of the resource. */
  readonly name: string;
  /** Validated against the operation's input schema. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The adapter's own request on the MCP endpoint (Express `Request`, `FastifyRequest`). */
  readonly request: unknown;
  /** The adapter's own response on the MCP endpoint. */
  readonly response: unknown;
  /** `Authorization` of the inner request, in place of the caller's; the caller's where left out. */
  readonly authorization?: string | undefined;
  /** By a client that cancels or disconnects, or the server closes. */
  readonly cancellation: Cancellation;
  /**
   * Present only when the caller asked for progress. Values that do not increase
   * are dropped. What it returns is to be awaited by who reports much.
   */
  readonly reportProgress:
    | ((progress: number, total?: number, message?: string) => unknown)
    | undefined;
  /** The way back to the client. */
  readonly channel: ClientLink;
}

/** Longer messages would not be read, and each is sent on its own. */
const MESSAGE_LENGTH = 500;

/** What a progress notification says of a value that a route or a provider emitted. */
export function progressMessage(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : jsonOf(value);
  return text?.slice(0, MESSAGE_LENGTH);
}

/** Undefined for what has no JSON: the call itself tells of it. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
