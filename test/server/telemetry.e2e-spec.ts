import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Module,
  Post,
} from '@nestjs/common';
import {
  context,
  metrics,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type HistogramMetricData,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  AccessToken,
  McpCompletion,
  McpError,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { ScriptedVerifier } from '../support/auth-verifiers.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import {
  ERAS,
  LEGACY_VERSION,
  MODERN_VERSION,
  rpc,
  type RpcOptions,
} from '../support/json-rpc.js';
import { openStream } from '../support/open-stream.js';
import { until } from '../support/until.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SECRET = 'a-secret-argument';

@Controller('cats')
class CatsController {
  @Post()
  @McpTool({ name: 'find_cat' })
  find(@Body('name') name: string): { name: string } {
    trace.getTracer('application').startSpan('database').end();
    return { name };
  }

  @Get('broken')
  @McpTool({ name: 'broken' })
  broken(): never {
    throw new Error(SECRET);
  }

  @Get('forbidden')
  @McpTool({ name: 'forbidden' })
  forbidden(): never {
    throw new ForbiddenException();
  }

  @Get('never')
  @McpTool({ name: 'never' })
  never(): Promise<never> {
    return new Promise(() => undefined);
  }
}

@Injectable()
class StateTools {
  @McpTool({ name: 'provided' })
  provided(): string {
    trace.getTracer('application').startSpan('provider work').end();
    return 'done';
  }

  @McpResource({ uri: 'cats://{name}' })
  cat({ name }: { name: string }): string {
    if (name === 'gone') {
      throw new McpError(`${SECRET} is gone`);
    }
    return name;
  }

  @McpPrompt({
    name: 'praise',
    arguments: { type: 'object', properties: { name: { type: 'string' } } },
  })
  praise({ name }: { name?: string }): string {
    return `Praise ${name}`;
  }

  @McpCompletion({ prompt: 'praise', argument: 'name' })
  names(): string[] {
    return ['Tom'];
  }
}

@Module({
  imports: [McpModule.forRoot()],
  controllers: [CatsController],
  providers: [StateTools],
})
class AppModule {}

@Module({
  imports: [
    McpModule.forRoot({
      auth: {
        resource: 'https://api.example.com/mcp',
        authorizationServers: ['https://login.example.com'],
        verifier: new ScriptedVerifier(
          (token) =>
            new AccessToken({
              token,
              issuer: 'https://login.example.com',
              subject: 'alice-the-user',
              clientId: 'client',
            }),
        ),
      },
    }),
  ],
  controllers: [CatsController],
})
class GuardedModule {}

const spans = new InMemorySpanExporter();
const tracing = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(spans)],
});
const measured = new InMemoryMetricExporter(AggregationTemporality.DELTA);
const reader = new PeriodicExportingMetricReader({
  exporter: measured,
  exportIntervalMillis: 3_600_000,
});
const metering = new MeterProvider({ readers: [reader] });

/** What an application does before it starts. */
function register(): void {
  context.setGlobalContextManager(
    new AsyncLocalStorageContextManager().enable(),
  );
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracing);
  metrics.setGlobalMeterProvider(metering);
}

function unregister(): void {
  context.disable();
  propagation.disable();
  trace.disable();
  metrics.disable();
}

const spanOf = (name: string): ReadableSpan => {
  const found = spans.getFinishedSpans().find((span) => span.name === name);
  if (!found) {
    throw new Error(
      `No span ${name} among ${spans
        .getFinishedSpans()
        .map((span) => span.name)
        .join(', ')}`,
    );
  }
  return found;
};

/** The points of one histogram since the last time. */
async function points(
  name: string,
): Promise<HistogramMetricData['dataPoints'] & { unit?: string }> {
  measured.reset();
  await reader.forceFlush();
  const metric = measured
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics)
    .flatMap((scope) => scope.metrics)
    .find(({ descriptor }) => descriptor.name === name) as
    HistogramMetricData | undefined;
  return Object.assign(metric?.dataPoints ?? [], {
    unit: metric?.descriptor.unit,
  });
}

describe('with OpenTelemetry', () => {
  beforeAll(register);
  beforeEach(async () => {
    await points('');
    spans.reset();
  });
  afterAll(async () => {
    unregister();
    await metering.shutdown();
  });

  describe.each(ADAPTERS)('on %s', (adapter) => {
    let booted: BootedApp;
    const call = (
      name: string,
      args: Record<string, unknown> = {},
      options: RpcOptions = {},
    ): ReturnType<typeof rpc> =>
      rpc(
        `${booted.url}/mcp`,
        'modern',
        'tools/call',
        { name, arguments: args },
        options,
      );

    beforeAll(async () => {
      booted = await bootApp(AppModule, adapter);
    });
    afterAll(() => booted.close());

    it.each(ERAS)('a %s call is a server span', async (era) => {
      await rpc(
        `${booted.url}/mcp`,
        era,
        'tools/call',
        { name: 'find_cat', arguments: { name: SECRET } },
        { id: 'request-7' },
      );
      const span = spanOf('tools/call find_cat');
      expect(span.kind).toBe(SpanKind.SERVER);
      expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.attributes).toMatchObject({
        'mcp.method.name': 'tools/call',
        'gen_ai.tool.name': 'find_cat',
        'gen_ai.operation.name': 'execute_tool',
        'jsonrpc.request.id': 'request-7',
        'network.transport': 'tcp',
        'network.protocol.name': 'http',
      });
      expect([LEGACY_VERSION, MODERN_VERSION, undefined]).toContain(
        span.attributes['mcp.protocol.version'],
      );
    });

    it.each<[string, Record<string, unknown>, string, Record<string, unknown>]>(
      [
        [
          'resources/read',
          { uri: `cats://${SECRET}` },
          'resources/read',
          { 'mcp.resource.uri': 'cats://{name}' },
        ],
        [
          'prompts/get',
          { name: 'praise', arguments: { name: SECRET } },
          'prompts/get praise',
          { 'gen_ai.prompt.name': 'praise' },
        ],
        [
          'completion/complete',
          {
            ref: { type: 'ref/prompt', name: 'praise' },
            argument: { name: 'name', value: SECRET },
          },
          'completion/complete',
          {},
        ],
      ],
    )(
      '%s is a server span, which tells no argument',
      async (method, params, name, attributes) => {
        const answer = await rpc(`${booted.url}/mcp`, 'modern', method, params);
        expect(answer.response).toHaveProperty('result');
        const span = spanOf(name);
        expect(span.kind).toBe(SpanKind.SERVER);
        expect(span.attributes).toEqual({
          'mcp.method.name': method,
          'mcp.protocol.version': MODERN_VERSION,
          'jsonrpc.request.id': '1',
          'network.transport': 'tcp',
          'network.protocol.name': 'http',
          ...attributes,
        });
        const [point] = await points('mcp.server.operation.duration');
        expect(point?.attributes).not.toHaveProperty('mcp.resource.uri');
        expect(point?.attributes).not.toHaveProperty('jsonrpc.request.id');
      },
    );

    it('tells the code where a resource fails', async () => {
      await rpc(`${booted.url}/mcp`, 'modern', 'resources/read', {
        uri: 'cats://gone',
      });
      const span = spanOf('resources/read');
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
      expect(span.attributes).toMatchObject({
        'error.type': '-32602',
        'rpc.response.status_code': '-32602',
      });
    });

    it('names the version of the protocol', async () => {
      await call('find_cat', { name: 'Tom' });
      expect(
        spanOf('tools/call find_cat').attributes['mcp.protocol.version'],
      ).toBe(MODERN_VERSION);
    });

    it.each([
      ['find_cat', 'database'],
      ['provided', 'provider work'],
    ])('the spans of %s are its children', async (tool, work) => {
      await call(tool, { ...(tool === 'find_cat' && { name: 'Tom' }) });
      const child = spanOf(work);
      const { spanId, traceId } = spanOf(`tools/call ${tool}`).spanContext();
      expect(child.parentSpanContext?.spanId).toBe(spanId);
      expect(child.spanContext().traceId).toBe(traceId);
    });

    it('goes on with the trace that the request brings in its _meta', async () => {
      await call(
        'find_cat',
        { name: 'Tom' },
        {
          meta: {
            traceparent: `00-${TRACE}-${PARENT}-01`,
            tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
          },
        },
      );
      const span = spanOf('tools/call find_cat');
      expect(span.spanContext().traceId).toBe(TRACE);
      expect(span.parentSpanContext).toMatchObject({
        spanId: PARENT,
        isRemote: true,
      });
      expect(span.spanContext().traceState?.serialize()).toBe(
        'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
      );
      expect(spanOf('database').spanContext().traceId).toBe(TRACE);
    });

    it.each<[string, unknown]>([
      ['of another form', 'not-a-trace'],
      ['of zeros', `00-${'0'.repeat(32)}-${PARENT}-01`],
      ['in capitals', `00-${TRACE.toUpperCase()}-${PARENT}-01`],
      ['of the forbidden version', `ff-${TRACE}-${PARENT}-01`],
      ['that is too long', `00-${TRACE}-${PARENT}-01-more`],
      ['that is no text', { traceparent: 1 }],
    ])(
      'begins a trace where it is given a traceparent %s (W3C Trace Context)',
      async (_, traceparent) => {
        const answer = await call('provided', {}, { meta: { traceparent } });
        expect(answer.status).toBe(200);
        const span = spanOf('tools/call provided');
        expect(span.parentSpanContext).toBeUndefined();
        expect(span.spanContext().traceId).not.toBe(TRACE);
      },
    );

    it('links the HTTP request, where it has a span', async () => {
      const outer = trace.getTracer('http').startSpan('POST /mcp');
      const instrumented = await bootApp(AppModule, adapter, {
        configure: (app) => {
          app.use((_request: unknown, _response: unknown, next: () => void) => {
            context.with(trace.setSpan(context.active(), outer), next);
          });
        },
      });
      const send = (meta: Record<string, unknown>): ReturnType<typeof rpc> =>
        rpc(
          `${instrumented.url}/mcp`,
          'modern',
          'tools/call',
          { name: 'provided', arguments: {} },
          { meta },
        );
      await send({});
      const { spanId } = outer.spanContext();
      expect(spanOf('tools/call provided').parentSpanContext?.spanId).toBe(
        spanId,
      );
      expect(spanOf('tools/call provided').links).toEqual([]);
      spans.reset();
      await send({ traceparent: `00-${TRACE}-${PARENT}-01` });
      expect(spanOf('tools/call provided').parentSpanContext?.spanId).toBe(
        PARENT,
      );
      expect(
        spanOf('tools/call provided').links.map(
          ({ context: linked }) => linked.spanId,
        ),
      ).toEqual([spanId]);
      await instrumented.close();
    });

    it('tells of a tool that failed', async () => {
      await call('broken');
      const span = spanOf('tools/call broken');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBe('tool_error');
      expect(span.attributes['rpc.response.status_code']).toBeUndefined();
    });

    it('tells the code of a JSON-RPC error', async () => {
      await rpc(`${booted.url}/mcp`, 'modern', 'tools/call', {
        name: 'provided',
        arguments: {},
        requestState: 'forged',
      });
      const span = spanOf('tools/call provided');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes).toMatchObject({
        'error.type': '-32602',
        'rpc.response.status_code': '-32602',
      });
    });

    it('tells of a call that its client gave up', async () => {
      const stream = openStream(`${booted.url}/mcp`, 'tools/call', {
        name: 'never',
        arguments: {},
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      stream.abandon();
      await until(() =>
        spans.getFinishedSpans().some(({ name }) => name.endsWith('never')),
      );
      expect(spanOf('tools/call never').attributes['error.type']).toBe(
        'cancelled',
      );
    });

    it('measures seconds, by tool, version and outcome', async () => {
      await call('provided');
      await call('provided');
      await call('broken');
      const durations = await points('mcp.server.operation.duration');
      expect(durations.unit).toBe('s');
      expect(
        durations.map(({ attributes, value }) => ({
          attributes,
          count: value.count,
        })),
      ).toEqual([
        {
          attributes: {
            'mcp.method.name': 'tools/call',
            'gen_ai.tool.name': 'provided',
            'gen_ai.operation.name': 'execute_tool',
            'mcp.protocol.version': MODERN_VERSION,
            'network.transport': 'tcp',
            'network.protocol.name': 'http',
          },
          count: 2,
        },
        {
          attributes: {
            'mcp.method.name': 'tools/call',
            'gen_ai.tool.name': 'broken',
            'gen_ai.operation.name': 'execute_tool',
            'mcp.protocol.version': MODERN_VERSION,
            'network.transport': 'tcp',
            'network.protocol.name': 'http',
            'error.type': 'tool_error',
          },
          count: 1,
        },
      ]);
      expect(durations[0]?.value.sum).toBeLessThan(10);
      expect(durations[0]?.value.buckets.boundaries).toEqual([
        0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
      ]);
    });

    it('measures sessions, and names them in spans', async () => {
      const endpoint = `${booted.url}/mcp`;
      const begun = await rpc(endpoint, 'legacy', 'initialize', {
        protocolVersion: LEGACY_VERSION,
        capabilities: {},
        clientInfo: { name: 'raw', version: '1' },
      });
      const session = begun.headers.get('mcp-session-id') ?? '';
      const headers = {
        'mcp-session-id': session,
        'mcp-protocol-version': LEGACY_VERSION,
      };
      await rpc(
        endpoint,
        'legacy',
        'tools/call',
        { name: 'provided', arguments: {} },
        { headers },
      );
      expect(await points('mcp.server.session.duration')).toHaveLength(0);
      await fetch(endpoint, { method: 'DELETE', headers });
      expect(spanOf('tools/call provided').attributes).toMatchObject({
        'mcp.session.id': session,
        'mcp.protocol.version': LEGACY_VERSION,
      });
      const durations = await points('mcp.server.session.duration');
      expect(durations.unit).toBe('s');
      expect(
        durations.map(({ attributes, value }) => ({
          attributes,
          count: value.count,
        })),
      ).toEqual([
        {
          attributes: {
            'mcp.protocol.version': LEGACY_VERSION,
            'network.transport': 'tcp',
            'network.protocol.name': 'http',
          },
          count: 1,
        },
      ]);
      expect(durations[0]?.value.sum).toBeLessThan(10);
    });

    it('tells neither arguments, nor tokens, nor users, nor messages', async () => {
      const guarded = await bootApp(GuardedModule, adapter);
      const headers = { authorization: 'Bearer a-secret-token' };
      const send = (
        name: string,
        args: Record<string, unknown>,
      ): ReturnType<typeof rpc> =>
        rpc(
          `${guarded.url}/mcp`,
          'modern',
          'tools/call',
          { name, arguments: args },
          { headers },
        );
      const served = await send('find_cat', { name: SECRET });
      await send('broken', {});
      const refused = await send('forbidden', {});
      await guarded.close();
      expect(served.status).toBe(200);
      expect(refused.status).toBe(403);
      expect(spanOf('tools/call forbidden').attributes['error.type']).toBe(
        '403',
      );
      const told = JSON.stringify([
        spans
          .getFinishedSpans()
          .map(({ name, attributes, events, status }) => ({
            name,
            attributes,
            events,
            status,
          })),
        await points('mcp.server.operation.duration'),
      ]);
      expect(told).toContain('find_cat');
      for (const secret of [SECRET, 'a-secret-token', 'alice-the-user']) {
        expect(told).not.toContain(secret);
      }
    });
  });
});

describe('without a provider', () => {
  it('nothing is told, even of a provider that comes later', async () => {
    const booted = await bootApp(AppModule, 'express');
    register();
    spans.reset();
    await rpc(`${booted.url}/mcp`, 'modern', 'tools/call', {
      name: 'provided',
      arguments: {},
    });
    await booted.close();
    unregister();
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual([
      'provider work',
    ]);
  });
});
