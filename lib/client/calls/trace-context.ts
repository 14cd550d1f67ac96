import { currentHeaders } from '../../auth/context/request-context.js';

/** Keys of `_meta` and names of headers (W3C Trace Context). */
const KEYS = ['traceparent', 'tracestate'] as const;

type OpenTelemetry = typeof import('@opentelemetry/api');

/** Where every copy of the package, of this major version, keeps what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/** Where a call carries the trace on that it is part of (MCP, `_meta`). */
export class TraceContext {
  private constructor(private readonly api: OpenTelemetry | undefined) {}

  static async load(): Promise<TraceContext> {
    const api =
      REGISTERED in globalThis
        ? await import('@opentelemetry/api').catch(() => undefined)
        : undefined;
    return new TraceContext(api);
  }

  /**
   * Of the span that is active, or else of the current request. Baggage stays
   * here: it may hold anything.
   */
  meta(): Record<string, string> {
    const carrier: Record<string, string> = {};
    this.api?.propagation.inject(this.api.context.active(), carrier);
    const source = carrier['traceparent'] ? carrier : currentHeaders();
    return Object.fromEntries(
      KEYS.flatMap((key) => {
        const value = source[key];
        return typeof value === 'string' ? [[key, value]] : [];
      }),
    );
  }
}
