/** One call of one tool, as the transport received it. */
export interface ToolCall {
  readonly toolName: string;
  /** Validated against the tool's input schema. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The adapter's own request on the MCP endpoint (Express `Request`, `FastifyRequest`). */
  readonly request: unknown;
  /** The adapter's own response on the MCP endpoint. */
  readonly response: unknown;
  /** `Authorization` of the inner request, in place of the caller's; the caller's where left out. */
  readonly authorization?: string | undefined;
  /** Aborted when the client cancels or disconnects, or the server closes. */
  readonly signal: AbortSignal;
  /** Present only when the caller asked for progress. Values must increase. */
  readonly reportProgress:
    ((progress: number, total?: number, message?: string) => void) | undefined;
}
