import type { OperationKind } from '../operation.interface.js';
import type { Cancellation } from './cancellation.js';
import type { ClientChannel } from './client-channel.interface.js';

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
  readonly channel: ClientChannel;
}
