import type {
  Attributes,
  Context,
  Histogram,
  Span,
  TextMapGetter,
  Tracer,
} from '@opentelemetry/api';
import type {
  NoteFailure,
  ObservedRequest,
  ObservedSession,
} from './observed-request.interface.js';

/** The package, where it is installed. */
type OpenTelemetry = typeof import('@opentelemetry/api');

/** Where every copy of the package, of this major version, keeps what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/** @returns undefined where the package is absent, or has no provider registered with it */
export async function loadOpenTelemetry(): Promise<OpenTelemetry | undefined> {
  // Most applications register nothing: the package need not be loaded to tell.
  const api = REGISTERED in globalThis ? await installed() : undefined;
  return api && (hasTracing(api) || hasMetrics(api)) ? api : undefined;
}

/** Without a provider the API hands out tracers that wait for one. */
function hasTracing({ trace, ProxyTracer }: OpenTelemetry): boolean {
  return !(trace.getTracer('nestjs-mcp') instanceof ProxyTracer);
}

function hasMetrics({ metrics, createNoopMeter }: OpenTelemetry): boolean {
  return metrics.getMeter('nestjs-mcp') !== createNoopMeter();
}

async function installed(): Promise<OpenTelemetry | undefined> {
  try {
    return await import('@opentelemetry/api');
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}

const SCOPE = 'nestjs-mcp';
const INTERNAL_ERROR = -32603;

/** Seconds, as the conventions propose them. */
const OPERATION_BUCKETS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];

type Meta = NonNullable<ObservedRequest['meta']>;

/** `_meta` comes from outside: only text is for a propagator to look at. */
const metaGetter: TextMapGetter<Meta> = {
  keys: (meta) => Object.keys(meta),
  get(meta, key) {
    const value = Object.hasOwn(meta, key) ? meta[key] : undefined;
    return typeof value === 'string' ? value : undefined;
  },
};

/**
 * Spans and durations by OpenTelemetry's semantic conventions for MCP. No
 * description goes with an error: messages may quote arguments.
 */
export class RequestObserver {
  private readonly tracer: Tracer;
  private readonly operations: Histogram;
  private readonly sessions: Histogram;

  constructor(private readonly api: OpenTelemetry) {
    this.tracer = api.trace.getTracer(SCOPE);
    const meter = api.metrics.getMeter(SCOPE);
    const histogram = (name: string, description: string): Histogram =>
      meter.createHistogram(name, {
        description,
        unit: 's',
        advice: { explicitBucketBoundaries: OPERATION_BUCKETS },
      });
    this.operations = histogram(
      'mcp.server.operation.duration',
      'MCP request duration as observed on the receiver, from the time it was received until the result is sent.',
    );
    this.sessions = histogram(
      'mcp.server.session.duration',
      'The duration of the MCP session as observed on the MCP server.',
    );
  }

  /** Serves a request in a span, which the trace of its `_meta` goes on in. */
  async observe<T>(
    request: ObservedRequest,
    serve: (noteFailure: NoteFailure) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    const attributes = requestAttributes(request);
    const context = this.start(request, attributes);
    let failure: Attributes | undefined;
    try {
      return await this.api.context.with(context, () =>
        serve((type) => (failure = failureAttributes(type))),
      );
    } catch (error) {
      failure ??= failureAttributes(codeOf(error));
      throw error;
    } finally {
      if (request.signal.aborted) {
        failure = { 'error.type': 'cancelled' };
      }
      this.end(context, failure);
      this.operations.record(
        (performance.now() - started) / 1000,
        { ...attributes, ...failure },
        context,
      );
    }
  }

  noteSession(session: ObservedSession): void {
    this.sessions.record(session.duration, sessionAttributes(session));
  }

  private start(request: ObservedRequest, attributes: Attributes): Context {
    const { context, propagation, SpanKind, trace } = this.api;
    const ambient = context.active();
    const parent = propagation.extract(ambient, request.meta ?? {}, metaGetter);
    const here = trace.getSpanContext(ambient);
    const span = this.tracer.startSpan(
      spanName(request),
      {
        kind: SpanKind.SERVER,
        attributes: { ...attributes, ...spanAttributes(request) },
        // The HTTP request is another's child than the call that came in it.
        ...(here &&
          here !== trace.getSpanContext(parent) && {
            links: [{ context: here }],
          }),
      },
      parent,
    );
    return trace.setSpan(parent, span);
  }

  private end(context: Context, failure: Attributes | undefined): void {
    const span = this.api.trace.getSpan(context) as Span;
    if (failure) {
      span.setAttributes(failure);
      span.setStatus({ code: this.api.SpanStatusCode.ERROR });
    }
    span.end();
  }
}

function failureAttributes(type: string | number): Attributes {
  return {
    'error.type': String(type),
    ...(typeof type === 'number' && {
      'rpc.response.status_code': String(type),
    }),
  };
}

/** That of the JSON-RPC error that the SDK makes of what was thrown. */
function codeOf(error: unknown): number {
  const { code } = (error ?? {}) as { code?: unknown };
  return Number.isSafeInteger(code) ? (code as number) : INTERNAL_ERROR;
}

/** What spans and metrics of a request have in common (OpenTelemetry, Semantic conventions for MCP). */
export function requestAttributes(request: ObservedRequest): Attributes {
  const { method, kind, name, protocolVersion, isHttp } = request;
  return {
    'mcp.method.name': method,
    ...(kind === 'tool' && {
      'gen_ai.tool.name': name,
      'gen_ai.operation.name': 'execute_tool',
    }),
    ...(kind === 'prompt' && { 'gen_ai.prompt.name': name }),
    ...(protocolVersion !== undefined && {
      'mcp.protocol.version': protocolVersion,
    }),
    ...networkAttributes(isHttp),
  };
}

/** What a span has beside them, as it has too many values for a metric. */
export function spanAttributes({
  kind,
  name,
  requestId,
  sessionId,
}: ObservedRequest): Attributes {
  return {
    'jsonrpc.request.id': String(requestId),
    ...(sessionId !== undefined && { 'mcp.session.id': sessionId }),
    ...(kind === 'resource' && { 'mcp.resource.uri': name }),
  };
}

export function sessionAttributes({
  protocolVersion,
  isHttp,
}: ObservedSession): Attributes {
  return {
    ...(protocolVersion !== undefined && {
      'mcp.protocol.version': protocolVersion,
    }),
    ...networkAttributes(isHttp),
  };
}

/** `tools/call find_cat`; URIs would give spans too many names. */
export function spanName({ method, kind, name }: ObservedRequest): string {
  return kind === 'tool' || kind === 'prompt' ? `${method} ${name}` : method;
}

function networkAttributes(isHttp: boolean): Attributes {
  return isHttp
    ? { 'network.transport': 'tcp', 'network.protocol.name': 'http' }
    : { 'network.transport': 'pipe' };
}
