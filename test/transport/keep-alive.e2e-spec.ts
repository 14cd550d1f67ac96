import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Controller,
  ForbiddenException,
  Get,
  Injectable,
  Module,
  type NestApplicationOptions,
  Param,
  ParseIntPipe,
} from '@nestjs/common';
import {
  McpContext,
  McpModule,
  type McpModuleOptions,
  McpPrompt,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { INTEROP_CLIENTS } from '../support/interop-clients.js';
import {
  type Era,
  ERAS,
  rpc,
  type RpcAnswer,
  rpcBody,
  rpcHeaders,
  type RpcMessage,
  type RpcOptions,
} from '../support/json-rpc.js';
import {
  beginSession,
  callStream,
  listenTo,
  stream,
} from '../support/sessions.js';
import { until } from '../support/until.js';

const INTERVAL = 60;
/** Longer than some intervals. */
const LONG = 400;

const WAIT = {
  type: 'object',
  properties: { ms: { type: 'integer' } },
  required: ['ms'],
} as const;

const given = { up: 0 };
const held = new EventEmitter();

@Controller('slow')
class SlowController {
  @Get('refused/:ms')
  @McpTool({ name: 'refused' })
  async refused(@Param('ms', ParseIntPipe) ms: number): Promise<never> {
    await sleep(ms);
    throw new ForbiddenException('Not you');
  }

  @Get(':ms')
  @McpTool({ name: 'slow' })
  async slow(@Param('ms', ParseIntPipe) ms: number): Promise<unknown> {
    await sleep(ms);
    return { waited: ms, text: 'a\nb' };
  }
}

@Injectable()
class Slow {
  @McpTool({ name: 'reports', inputSchema: WAIT })
  async reports({ ms }: { ms: number }, context: McpContext): Promise<unknown> {
    await sleep(ms);
    await context.reportProgress(1, 2);
    await sleep(ms);
    return { waited: ms };
  }

  @McpTool({ name: 'held' })
  async held(): Promise<unknown> {
    await once(held, 'release');
    return { released: true };
  }

  @McpTool({ name: 'abandoned' })
  async abandoned(_: unknown, context: McpContext): Promise<unknown> {
    await new Promise((resolve) =>
      context.signal.addEventListener('abort', resolve),
    );
    given.up += 1;
    return {};
  }

  @McpPrompt({
    name: 'think',
    arguments: { type: 'object', properties: { fails: { type: 'string' } } },
  })
  async think({ fails }: { fails?: string }): Promise<string> {
    await sleep(fails === 'early' ? 0 : LONG);
    if (fails === 'early' || fails === 'late') {
      throw new ForbiddenException('Not you');
    }
    if (fails) {
      throw new Error('of no concern to the client');
    }
    return 'Think.';
  }
}

type Options = McpModuleOptions;

async function boot(
  adapter: AdapterName,
  options: Options,
  nest: NestApplicationOptions = {},
): Promise<BootedApp & { endpoint: string }> {
  @Module({
    imports: [
      McpModule.forRoot({
        name: 'slow',
        ...options,
        limits: { drainTimeout: 200, ...options.limits },
      }),
    ],
    controllers: [SlowController],
    providers: [Slow],
  })
  class SlowModule {}
  const booted = await bootApp(SlowModule, adapter, {
    nest: { forceCloseConnections: true, ...nest },
  });
  return { ...booted, endpoint: `${booted.url}/mcp` };
}

const call = (
  endpoint: string,
  era: Era,
  name: string,
  args: Record<string, unknown>,
  options?: RpcOptions,
): Promise<RpcAnswer> =>
  rpc(endpoint, era, 'tools/call', { name, arguments: args }, options);

/** Holds for an answer that became a stream: comments, then messages. */
function expectKeptOpen({ status, headers, text }: RpcAnswer): void {
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/event-stream');
  expect(headers.get('x-accel-buffering')).toBe('no');
  expect(text).toMatch(/^(: [^\n]*\n\n)+event: message\ndata: /);
}

const withoutDate = (headers: Headers) =>
  [...headers].filter(([name]) => name !== 'date');

describe.each(ADAPTERS)(
  'a call that says nothing for long on %s',
  (adapter) => {
    let app: Awaited<ReturnType<typeof boot>>;
    let plain: Awaited<ReturnType<typeof boot>>;

    beforeAll(async () => {
      app = await boot(adapter, { keepAliveInterval: INTERVAL });
      plain = await boot(adapter, { keepAliveInterval: false });
      for (const era of ERAS) {
        // From the second call on, the SDK has no part in it.
        await call(app.endpoint, era, 'slow', { ms: 0 });
        await call(plain.endpoint, era, 'slow', { ms: 0 });
      }
    });
    afterAll(() => Promise.all([app?.close(), plain?.close()]));

    describe.each(ERAS)('in the %s era', (era) => {
      it('has comments, and then the answer that it would have had', async () => {
        const [answer, expected] = await Promise.all(
          [app, plain].map(({ endpoint }) =>
            call(endpoint, era, 'slow', { ms: LONG }, { id: 'x' }),
          ),
        );
        expectKeptOpen(answer as RpcAnswer);
        expect(answer?.messages).toEqual(expected?.messages);
        expect(answer?.response).toMatchObject({
          id: 'x',
          result: { structuredContent: { waited: LONG, text: 'a\nb' } },
        });
      });

      it('has the messages that come after the silence, and comments between them', async () => {
        const answer = await call(
          app.endpoint,
          era,
          'reports',
          { ms: LONG },
          { meta: { progressToken: 'p' } },
        );
        expectKeptOpen(answer);
        expect(answer.messages.map(({ method }) => method)).toEqual([
          'notifications/progress',
          undefined,
        ]);
        expect(answer.text.split('notifications/progress')[1]).toMatch(
          /\n\n: [^\n]*\n\n/,
        );
        expect(answer.response?.result?.['structuredContent']).toEqual({
          waited: LONG,
        });
      });

      it.each(['', 'yes'])(
        'may be any that takes its time, or fails: prompts (%s)',
        async (fails) => {
          const params = { name: 'think', arguments: { fails } };
          const [answer, expected] = await Promise.all(
            [app, plain].map(({ endpoint }) =>
              rpc(endpoint, era, 'prompts/get', params),
            ),
          );
          expectKeptOpen(answer as RpcAnswer);
          expect(answer?.messages).toEqual(expected?.messages);
          expect(answer?.response?.error?.code).toBe(
            fails ? -32603 : undefined,
          );
        },
      );

      it('is given up when its client leaves', async () => {
        const before = given.up;
        const params = { name: 'abandoned', arguments: {} };
        const opened = stream(
          app.endpoint,
          'POST',
          rpcHeaders(era, 'tools/call', params),
          rpcBody(era, 'tools/call', params),
        );
        await until(() => opened.received().includes(': '));
        opened.abandon();
        await until(() => given.up > before);
      });

      it('is answered as ever where it ends before that, to the byte', async () => {
        const usual = await boot(adapter, {});
        const [first, second] = await Promise.all(
          [usual, plain].map(async ({ endpoint }) => {
            await call(endpoint, era, 'slow', { ms: 0 });
            return call(endpoint, era, 'slow', { ms: 20 });
          }),
        );
        await usual.close();
        expect(first?.text).toBe(second?.text);
        expect(withoutDate(first?.headers as Headers)).toEqual(
          withoutDate(second?.headers as Headers),
        );
      });

      it('stays silent where keepAliveInterval is false or 0', async () => {
        const off = await boot(adapter, { keepAliveInterval: 0 });
        const answers = await Promise.all(
          [off, plain].map(({ endpoint }) =>
            call(endpoint, era, 'slow', { ms: LONG }),
          ),
        );
        await off.close();
        for (const { text } of answers) {
          expect(text).not.toMatch(/^:/m);
        }
      });

      it('is kept open where the application reads no bodies', async () => {
        const unread = await boot(
          adapter,
          { keepAliveInterval: INTERVAL },
          { bodyParser: false },
        );
        const answer = await call(unread.endpoint, era, 'slow', { ms: LONG });
        await unread.close();
        expectKeptOpen(answer);
        expect(answer.response?.result?.['isError']).toBeFalsy();
      });
    });

    it('stays silent where its client accepts no event stream', async () => {
      const answer = await call(
        app.endpoint,
        'modern',
        'slow',
        { ms: LONG },
        { headers: { accept: 'application/json' } },
      );
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.response?.result).toHaveProperty('structuredContent');
    });

    it.each(INTEROP_CLIENTS)('succeeds for %s', async (_name, connect) => {
      const client = await connect(app.endpoint, {});
      const { structuredContent } = await client.callTool('slow', { ms: LONG });
      expect(structuredContent).toEqual({ waited: LONG, text: 'a\nb' });
      await client.close();
    });
  },
);

describe.each(ADAPTERS)('a refusal after a long silence on %s', (adapter) => {
  it.each(ERAS)('is an error in JSON-RPC, in the %s era', async (era) => {
    const issuer = await createIssuer();
    const auth = {
      resource: RESOURCE,
      verifier: issuer.verifier,
      requiredScopes: ['slow:use'],
    };
    const kept = await boot(adapter, { keepAliveInterval: INTERVAL, auth });
    const plain = await boot(adapter, { keepAliveInterval: false, auth });
    const headers = await issuer.bearer({ scope: 'slow:use' });
    const tool = ({ endpoint }: typeof kept, ms: number): Promise<RpcAnswer> =>
      call(endpoint, era, 'refused', { ms }, { headers, id: 'r' });
    const prompt = (
      { endpoint }: typeof kept,
      fails: string,
    ): Promise<RpcAnswer> =>
      rpc(
        endpoint,
        era,
        'prompts/get',
        { name: 'think', arguments: { fails } },
        { headers, id: 'r' },
      );
    try {
      for (const [early, late] of [
        [await tool(plain, 0), await tool(kept, LONG)],
        // What a client calls again takes another way.
        [await tool(plain, 0), await tool(kept, LONG)],
        [await prompt(plain, 'early'), await prompt(kept, 'late')],
      ] as const) {
        expect(early.status).toBe(403);
        expectKeptOpen(late);
        const { message } = late.response?.error ?? {};
        expect(message).toContain('Not you');
        expect(late.messages).toEqual([
          {
            jsonrpc: '2.0',
            id: 'r',
            error: {
              code: -32600,
              message,
              data: {
                status: 403,
                error: 'access_denied',
                error_description: message,
                challenge: early.headers.get('www-authenticate'),
              },
            },
          },
        ]);
      }
    } finally {
      await Promise.all([kept.close(), plain.close()]);
    }
  });
});

describe.each(ADAPTERS)('a silent stream on %s', (adapter) => {
  let app: Awaited<ReturnType<typeof boot>>;
  beforeAll(async () => {
    app = await boot(adapter, {
      keepAliveInterval: INTERVAL,
      legacy: { sse: true },
    });
  });
  afterAll(() => app?.close());

  const comments = (text: string): number => text.match(/^: /gm)?.length ?? 0;

  it('has comments: GET, of a session', async () => {
    const { headers } = await beginSession(app.endpoint);
    const opened = await listenTo(app.endpoint, headers);
    await until(() => comments(opened.received()) >= 2);
    expect(opened.messages()).toEqual([]);
    opened.abandon();
  });

  it('has comments: a call in a session, which can be resumed', async () => {
    const session = await beginSession(app.endpoint);
    const opened = callStream(app.endpoint, session, 'held');
    await until(() => comments(opened.received()) >= 2);
    const { id = '' } = opened.events()[0] ?? {};
    opened.abandon();
    const resumed = await listenTo(app.endpoint, {
      ...session.headers,
      'last-event-id': id,
    });
    await until(() => comments(resumed.received()) >= 2);
    held.emit('release');
    await resumed.ended;
    expect(resumed.messages()).toMatchObject([
      { result: { structuredContent: { released: true } } },
    ]);
  });

  it('has comments: subscriptions/listen', async () => {
    const params = { notifications: { toolsListChanged: true } };
    const opened = stream(
      app.endpoint,
      'POST',
      rpcHeaders('modern', 'subscriptions/listen', params),
      rpcBody('modern', 'subscriptions/listen', params),
    );
    await until(() => comments(opened.received()) >= 2);
    expect(opened.messages().map(({ method }: RpcMessage) => method)).toEqual([
      'notifications/subscriptions/acknowledged',
    ]);
    opened.abandon();
  });

  it('has comments: HTTP+SSE of 2024-11-05', async () => {
    const opened = await listenTo(`${app.url}/sse`, {});
    await until(() => comments(opened.received()) >= 2);
    opened.abandon();
  });
});

it.each([-1, 1.5, Number.NaN, 2 ** 31, true, '15s'])(
  'keepAliveInterval: %s stops the application',
  async (given) => {
    const keepAliveInterval = given as number;
    await expect(boot('express', { keepAliveInterval })).rejects.toThrow(
      `keepAliveInterval is ${typeof given === 'string' ? `"${given}"` : String(given)}`,
    );
  },
);
