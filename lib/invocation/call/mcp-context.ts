import type { ToolCall } from './tool-call.interface.js';

/**
 * The second argument of a provider method that is a tool: what the method may
 * know about the call, and say while it runs.
 *
 * ```ts
 * @McpTool()
 * async report(args: ReportDto, context: McpContext) {
 *   context.reportProgress(1, 10, 'reading');
 *   …
 * }
 * ```
 *
 * @publicApi
 */
export class McpContext {
  readonly toolName: string;
  /** The request on the MCP endpoint: Express's `Request` or a `FastifyRequest`. */
  readonly request: unknown;
  /** Aborted when the client cancels or leaves, and when the call times out. */
  readonly signal: AbortSignal;
  private readonly report: ToolCall['reportProgress'];

  constructor(call: ToolCall, signal: AbortSignal = call.signal) {
    this.toolName = call.toolName;
    this.request = call.request;
    this.signal = signal;
    this.report = call.reportProgress;
  }

  /**
   * Tells the client how far the call is; nothing where it did not ask.
   *
   * @param progress must grow from report to report
   * @param total in the unit of `progress`, if known
   */
  reportProgress(progress: number, total?: number, message?: string): void {
    if (!this.signal.aborted) {
      this.report?.(progress, total, message);
    }
  }
}
