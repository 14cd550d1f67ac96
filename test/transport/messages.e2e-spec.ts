import {
  type ArgumentsHost,
  Body,
  type CallHandler,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Injectable,
  type MessageEvent,
  Module,
  type NestInterceptor,
  Post,
  Sse,
  ValidationPipe,
  VersioningType,
} from '@nestjs/common';
import compression from 'compression';
import { request as openRequest } from 'node:http';
import { interval, map, type Observable, take } from 'rxjs';
import { McpModule, McpTool } from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import { callTool } from '../support/call-tool.js';
import {
  type Era,
  ERAS,
  post,
  rpc,
  rpcBody,
  rpcHeaders,
} from '../support/json-rpc.js';
import { type RawResponse, sendRaw } from '../support/raw-http.js';

@Controller('texts')
class TextsController {
  @Post()
  @McpTool({ name: 'echo', description: 'echo' })
  echo(@Body('text') text: string): { text: string } {
    return { text };
  }

  @Get('fails')
  @McpTool({ name: 'fails', description: 'fails' })
  fails(): never {
    throw new Error('inside');
  }

  @Sse('ticks')
  @McpTool({ name: 'ticks', description: 'ticks' })
  ticks(): Observable<MessageEvent> {
    return interval(20).pipe(
      take(3),
      map((tick) => ({ data: `tick ${tick}` })),
    );
  }
}

@Module({ imports: [McpModule.forRoot()], controllers: [TextsController] })
class PlainModule {}

/** Reshapes every value and every failure there is. */
@Injectable()
class EnvelopeInterceptor implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ ok: true, data })));
  }
}

@Catch()
class TeapotFilter implements ExceptionFilter {
  catch(_error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: unknown): void };
    }>();
    response.status(418).send({ teapot: true });
  }
}

/** What an application may put around every one of its routes. */
const bootReshaping = (adapter: AdapterName): Promise<BootedApp> =>
  bootApp(PlainModule, adapter, {
    configure: (app) => {
      app.setGlobalPrefix('api');
      app.enableVersioning({
        type: VersioningType.URI,
        defaultVersion: '1',
      });
      app.useGlobalFilters(new TeapotFilter());
      app.useGlobalInterceptors(new EnvelopeInterceptor());
      app.useGlobalPipes(
        new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true }),
      );
    },
  });

const JSON_HEADERS = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** A request of every kind that has an answer of its own. */
const EXCHANGES: readonly (readonly [
  string,
  {
    method: string;
    headers: Record<string, string>;
    body?: string;
  },
])[] = [
  ...ERAS.flatMap((era) =>
    (
      [
        ['a list', 'tools/list', {}],
        ['an unknown method', 'nothing/here', {}],
        ['an unknown tool', 'tools/call', { name: 'nothing', arguments: {} }],
        [
          'wrong arguments',
          'tools/call',
          { name: 'echo', arguments: { text: 1 } },
        ],
        ['a bad cursor', 'tools/list', { cursor: 'made-up' }],
      ] as const
    ).map(
      ([what, method, params]) =>
        [
          `${what} (${era})`,
          {
            method: 'POST',
            headers: rpcHeaders(era, method, params),
            body: JSON.stringify(rpcBody(era, method, params)),
          },
        ] as const,
    ),
  ),
  [
    'a header that differs from the body',
    {
      method: 'POST',
      headers: {
        ...rpcHeaders('modern', 'tools/list', {}),
        'mcp-method': 'prompts/list',
      },
      body: JSON.stringify(rpcBody('modern', 'tools/list', {})),
    },
  ],
  [
    'an unknown version',
    {
      method: 'POST',
      headers: {
        ...rpcHeaders('legacy', 'tools/list', {}),
        'mcp-protocol-version': '1999-01-01',
      },
      body: JSON.stringify(rpcBody('legacy', 'tools/list', {})),
    },
  ],
  [
    'an initialize',
    {
      method: 'POST',
      headers: JSON_HEADERS,
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: {
          protocolVersion: '2025-11-25',
          capabilities: {},
          clientInfo: { name: 'raw', version: '1' },
        },
      }),
    },
  ],
  [
    'a notification',
    {
      method: 'POST',
      headers: rpcHeaders('legacy', 'notifications/initialized', {}),
      body: JSON.stringify({
        jsonrpc: '2.0',
        method: 'notifications/initialized',
      }),
    },
  ],
  [
    'malformed JSON',
    { method: 'POST', headers: JSON_HEADERS, body: '{"jsonrpc":' },
  ],
  ['no JSON-RPC', { method: 'POST', headers: JSON_HEADERS, body: '{"a":1}' }],
  [
    'another content type',
    {
      method: 'POST',
      headers: { ...JSON_HEADERS, 'content-type': 'text/plain' },
      body: '{}',
    },
  ],
  ['a PUT', { method: 'PUT', headers: JSON_HEADERS, body: '{}' }],
];

const withoutSession = ({ status, text, values }: RawResponse): unknown => ({
  status,
  text,
  type: values('content-type'),
  allow: values('allow'),
});

describe.each(ADAPTERS)(
  'an application that reshapes its answers on %s',
  (adapter) => {
    let plain: BootedApp;
    let reshaping: BootedApp;

    beforeAll(async () => {
      plain = await bootApp(PlainModule, adapter);
      reshaping = await bootReshaping(adapter);
    });
    afterAll(async () => {
      await plain.close();
      await reshaping.close();
    });

    it('reshapes its own routes', async () => {
      const answer = await fetch(`${reshaping.url}/api/v1/texts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: 'x' }),
      });
      expect(await answer.json()).toEqual({ ok: true, data: { text: 'x' } });
    });

    it.each(EXCHANGES)(
      'answers %s to the byte as one that does not: filters, interceptors, pipes, prefix and versions are not for JSON-RPC (MCP, Transports, "Sending Messages to the Server")',
      async (_, exchange) => {
        const expected = await sendRaw(`${plain.url}/mcp`, exchange);
        const answer = await sendRaw(`${reshaping.url}/api/mcp`, exchange);
        expect(withoutSession(answer)).toEqual(withoutSession(expected));
        expect(expected.status).not.toBe(418);
      },
    );
  },
);

describe.each(ADAPTERS)('messages on %s', (adapter) => {
  const TEXT = 'äöü ß 漢字 🙂 \u{10FFFF} \u0000';
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(PlainModule, adapter, { nest: { rawBody: true } });
  });
  afterAll(() => booted.close());

  it.each(ERAS)(
    'are UTF-8, also where the application keeps raw bodies (%s) (MCP, Transports)',
    async (era) => {
      const { structuredContent } = await callTool(
        `${booted.url}/mcp`,
        'echo',
        { text: TEXT },
        { era },
      );
      expect(structuredContent).toEqual({ text: TEXT });
    },
  );

  it.each(ERAS)(
    'are UTF-8, wherever the network cuts them (%s) (MCP, Transports)',
    async (era) => {
      const params = { name: 'echo', arguments: { text: TEXT } };
      const body = Buffer.from(
        JSON.stringify(rpcBody(era, 'tools/call', params)),
      );
      const text = await new Promise<string>((resolve, reject) => {
        const outgoing = openRequest(
          `${booted.url}/mcp`,
          {
            method: 'POST',
            headers: rpcHeaders(era, 'tools/call', params),
            agent: false,
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              resolve(Buffer.concat(chunks).toString('utf8')),
            );
          },
        );
        outgoing.on('error', reject);
        for (const byte of body) {
          outgoing.write(Buffer.from([byte]));
        }
        outgoing.end();
      });
      expect(text).toContain('漢字 🙂');
      expect(text).not.toContain('\uFFFD');
    },
  );

  it('that claim another charset are not taken for UTF-8 text of other characters (MCP, Transports)', async () => {
    const params = { name: 'echo', arguments: { text: 'ä' } };
    const answer = await post(
      `${booted.url}/mcp`,
      JSON.stringify(rpcBody('modern', 'tools/call', params)),
      {
        ...rpcHeaders('modern', 'tools/call', params),
        'content-type': 'application/json; charset=iso-8859-1',
      },
    );
    // Refused, or read as what they must be: never as ISO 8859-1.
    expect([200, 415]).toContain(answer.status);
    expect(answer.text).not.toContain('Ã¤');
  });
});

describe.each(ADAPTERS)('streams on %s', (adapter) => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(PlainModule, adapter);
  });
  afterAll(() => booted.close());

  it.each(ERAS)(
    'ask proxies not to hold them back (%s) (MCP, Transports, "X-Accel-Buffering")',
    async (era) => {
      const answer = await rpc(
        `${booted.url}/mcp`,
        era,
        'tools/call',
        { name: 'ticks', arguments: {} },
        { meta: { progressToken: 'p' } },
      );
      expect(answer.headers.get('content-type')).toContain('text/event-stream');
      if (era === 'modern') {
        expect(answer.headers.get('x-accel-buffering')).toBe('no');
      }
      expect(answer.messages.map(({ method }) => method)).toEqual([
        'notifications/progress',
        'notifications/progress',
        'notifications/progress',
        undefined,
      ]);
    },
  );
});

describe('streams behind compression', () => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(PlainModule, 'express', {
      configure: (app) => void app.use(compression({ threshold: 0 })),
    });
  });
  afterAll(() => booted.close());

  it('keep their X-Accel-Buffering: no (MCP, Transports)', async () => {
    const answer = await rpc(
      `${booted.url}/mcp`,
      'modern',
      'tools/call',
      { name: 'ticks', arguments: {} },
      { meta: { progressToken: 'p' }, headers: { 'accept-encoding': 'gzip' } },
    );
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(answer.headers.get('x-accel-buffering')).toBe('no');
    expect(answer.messages).toHaveLength(4);
  });
});

describe.each(ADAPTERS)('errors on %s', (adapter) => {
  /** JSON-RPC's own, and the protocol's. */
  const CODES = [
    -32700, -32600, -32601, -32602, -32603, -32020, -32021, -32022,
  ];
  /** What the SDK says where HTTP alone refuses: before the protocol reserved codes. */
  const HTTP_REFUSAL = -32000;
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(PlainModule, adapter);
  });
  afterAll(() => booted.close());

  it('have codes of the protocol, and none of our own (MCP 2026-07-28, "Error Codes")', async () => {
    const codes = new Map<string, { code: number; status: number }>();
    for (const [what, exchange] of EXCHANGES) {
      const { status, text } = await sendRaw(`${booted.url}/mcp`, exchange);
      const [, code] = /"error":\{"code":(-?\d+)/.exec(text) ?? [];
      if (code !== undefined) {
        codes.set(what, { code: Number(code), status });
      }
    }
    expect(codes.size).toBeGreaterThan(8);
    expect(
      [...codes].filter(
        ([, { code, status }]) =>
          !CODES.includes(code) && !(code === HTTP_REFUSAL && status >= 400),
      ),
    ).toEqual([]);
  });

  it.each<[string, Era, string, Record<string, unknown>, number]>([
    ['an unknown method', 'modern', 'nothing/here', {}, -32601],
    ['a bad cursor', 'modern', 'tools/list', { cursor: 'x' }, -32602],
    ['a bad cursor', 'legacy', 'tools/list', { cursor: 'x' }, -32602],
  ])(
    'of %s (%s) carry the id of the request (JSON-RPC 2.0, section 5)',
    async (_, era, method, params, code) => {
      for (const id of ['text', 0, 7]) {
        const { response } = await rpc(
          `${booted.url}/mcp`,
          era,
          method,
          params,
          { id },
        );
        expect(response).toMatchObject({ id, error: { code } });
      }
    },
  );

  it.each<[Era, string, Record<string, unknown>]>([
    ['modern', 'tools/list', { cursor: 5 }],
    ['legacy', 'tools/list', { cursor: 5 }],
    ['modern', 'tools/call', { name: 'echo', arguments: 'text' }],
    ['legacy', 'tools/call', { name: 'echo', arguments: 'text' }],
    ['legacy', 'tools/call', {}],
    ['legacy', 'logging/setLevel', { level: 'loud' }],
  ])(
    'of %s %s with params of a wrong form (%j) are -32602, and say which (JSON-RPC 2.0, section 5.1)',
    async (era, method, params) => {
      const { response } = await rpc(`${booted.url}/mcp`, era, method, params);
      expect(response?.error?.code).toBe(-32602);
      expect(response?.error?.message).toMatch(
        /"params",\s+"(cursor|arguments|name|level)"/,
      );
    },
  );
});
