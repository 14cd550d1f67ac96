/** The package, where it is installed. */
export type OpenTelemetry = typeof import('@opentelemetry/api');

/** Where every copy of the package, of this major version, keeps what was registered. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

/** @returns undefined where the package is absent, or nobody registered a provider with it */
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
