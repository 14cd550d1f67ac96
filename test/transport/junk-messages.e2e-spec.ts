import { Injectable, Module } from '@nestjs/common';
import {
  McpCompletion,
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import {
  type Era,
  ERAS,
  modernMeta,
  rpc,
  rpcHeaders,
} from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';
import {
  beginSession,
  initializeParams,
  listenTo,
} from '../support/sessions.js';
import { until } from '../support/until.js';

@Injectable()
class Things {
  @McpTool({ name: 'echo', annotations: { readOnlyHint: true } })
  echo(args: unknown): unknown {
    return { args };
  }

  @McpPrompt({ name: 'greet' })
  greet(): string {
    return 'hello';
  }

  @McpResource({ uri: 'thing://one' })
  one(): string {
    return 'one';
  }

  @McpResource({ uri: 'thing://{id}/part' })
  part(): string {
    return 'part';
  }

  @McpCompletion({ resource: 'thing://{id}/part', argument: 'id' })
  ids(): string[] {
    return ['one'];
  }
}

@Module({
  imports: [
    McpModule.forRoot({
      name: 'things',
      version: '1.0.0',
      legacy: { sse: true },
    }),
  ],
  providers: [Things],
})
class AppModule {}

/** JSON that nests so deep, around `core`. */
const nested = (open: string, close: string, depth = 5000, core = '1') =>
  open.repeat(depth) + core + close.repeat(depth);

/** Values that no member of a message has, as JSON. */
const JUNK: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '""',
  '"constructor"',
  '"__proto__"',
  '[]',
  '[[[]]]',
  '{}',
  '{"toString":1}',
  '{"toString":null,"valueOf":null}',
  '{"valueOf":{"a":1}}',
  '{"toJSON":1}',
  '{"toJSON":{"toString":1}}',
  '{"__proto__":{"a":1}}',
  '{"__proto__":null,"toString":1}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"then":1}',
  '{"length":4294967295}',
  '{"name":{"toString":1},"uri":{"toString":1}}',
  nested('[', ']'),
  nested('{"a":', '}'),
];

/** What is sent with every method. */
const WORST = ['{"toString":1}', nested('[', ']')];

const METHODS = [
  'tools/call',
  'tools/list',
  'prompts/get',
  'prompts/list',
  'resources/read',
  'resources/subscribe',
  'resources/list',
  'completion/complete',
  'logging/setLevel',
  'initialize',
  'ping',
  'server/discover',
  'subscriptions/listen',
  'notifications/cancelled',
  'notifications/initialized',
  'notifications/progress',
  'toString',
  '__proto__',
] as const;

/** A message in JSON that is right but for what is written over it. */
function messageWith(
  era: Era,
  method: string,
  over: Readonly<Record<string, string>>,
): string {
  const params: Record<string, string> = {
    name: method === 'prompts/get' ? '"greet"' : '"echo"',
    arguments: '{}',
    uri: '"thing://one"',
    ref: '{"type":"ref/resource","uri":"thing://{id}/part"}',
    argument: '{"name":"id","value":"o"}',
    level: '"info"',
    notifications: '{}',
    requestId: '1',
    progressToken: '1',
    progress: '1',
    ...(method === 'initialize' &&
      Object.fromEntries(
        Object.entries(initializeParams()).map(([name, value]) => [
          name,
          JSON.stringify(value),
        ]),
      )),
    ...(era === 'modern' && { _meta: JSON.stringify(modernMeta()) }),
  };
  for (const [place, value] of Object.entries(over)) {
    if (place.startsWith('params.')) {
      params[place.slice('params.'.length)] = value;
    }
  }
  const message: Record<string, string> = {
    jsonrpc: '"2.0"',
    method: JSON.stringify(method),
    params: objectOf(params),
    ...(!method.startsWith('notifications/') && { id: '1' }),
    ...Object.fromEntries(
      Object.entries(over).filter(([place]) => !place.includes('.')),
    ),
  };
  return objectOf(message);
}

const objectOf = (members: Readonly<Record<string, string>>): string =>
  `{${Object.entries(members)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(',')}}`;

const PLACES = [
  'jsonrpc',
  'id',
  'method',
  'params',
  'params.name',
  'params.arguments',
  'params.uri',
  'params.ref',
  'params.argument',
  'params.cursor',
  'params.level',
  'params.notifications',
  'params.requestId',
  'params.progressToken',
  'params._meta',
  'params.protocolVersion',
  'params.capabilities',
  'params.clientInfo',
  'params.requestState',
  'params.inputResponses',
  'result',
  'error',
  'extra',
] as const;

const META = (member: string, value: string): string =>
  `{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"raw","version":"1"},"io.modelcontextprotocol/clientCapabilities":{},${JSON.stringify(member)}:${value}}`;

const META_MEMBERS = [
  'progressToken',
  'io.modelcontextprotocol/clientInfo',
  'io.modelcontextprotocol/clientCapabilities',
  'io.modelcontextprotocol/protocolVersion',
  'io.modelcontextprotocol/logLevel',
  'traceparent',
  'toString',
] as const;

/** Every junk value in every place of a message of a method. */
function* messagesOf(era: Era, method: string): Generator<string> {
  const values = method === 'tools/call' ? JUNK : WORST;
  for (const value of values) {
    for (const place of PLACES) {
      yield messageWith(era, method, { [place]: value });
    }
    for (const member of META_MEMBERS) {
      yield messageWith(era, method, { 'params._meta': META(member, value) });
    }
  }
}

describe.each(ADAPTERS)('messages of junk on %s', (adapter) => {
  let app: BootedApp;
  let endpoint: string;
  beforeAll(async () => {
    app = await bootApp(AppModule, adapter, {
      nest: { forceCloseConnections: true },
    });
    endpoint = `${app.url}/mcp`;
  });
  afterAll(() => app?.close());
  beforeEach(() => app.logger.lines.splice(0));

  /** Sends what may begin a stream that stays open, and reads no more than its status. */
  const statusOf = async (
    body: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => {
    const response = await fetch(endpoint, { method: 'POST', headers, body });
    await response.body?.cancel();
    return response.status;
  };
  const expectNoFault = async (): Promise<void> => {
    expect(app.logger.of('error')).toEqual([]);
    expect(
      (await rpc(endpoint, 'modern', 'tools/call', { name: 'echo' })).status,
    ).toBe(200);
  };

  describe.each(ERAS)('in the %s era', (era) => {
    it.each(METHODS)(
      'are no fault of the server: %s',
      async (method) => {
        const headers = rpcHeaders(era, method, { name: 'echo' });
        const faults: string[] = [];
        for (const body of messagesOf(era, method)) {
          const status = await statusOf(body, headers);
          if (status >= 500) {
            faults.push(`${status} ${body.slice(0, 300)}`);
          }
        }
        expect(faults).toEqual([]);
        await expectNoFault();
      },
      120_000,
    );
  });

  it('are no fault of the server in a session, nor does it end', async () => {
    const session = await beginSession(endpoint);
    const headers = { ...rpcHeaders('legacy', 'ping', {}), ...session.headers };
    const faults: string[] = [];
    for (const method of ['tools/call', 'notifications/cancelled']) {
      for (const body of messagesOf('legacy', method)) {
        const status = await statusOf(body, headers);
        if (status >= 500) {
          faults.push(`${status} ${body.slice(0, 300)}`);
        }
      }
    }
    expect(faults).toEqual([]);
    const answer = await rpc(
      endpoint,
      'legacy',
      'ping',
      {},
      {
        id: 'last',
        headers: session.headers,
      },
    );
    expect(answer.response).toMatchObject({ id: 'last', result: {} });
    await expectNoFault();
  }, 120_000);

  it('are no fault of the server on the streams of 2024-11-05', async () => {
    const stream = await listenTo(`${app.url}/sse`, {});
    await until(() => stream.events().length > 0);
    const target = new URL(stream.events()[0]?.data ?? '', app.url);
    const faults: string[] = [];
    for (const method of [
      'tools/call',
      'initialize',
      'notifications/cancelled',
    ]) {
      for (const body of messagesOf('legacy', method)) {
        const response = await fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
        await response.text();
        if (response.status >= 500) {
          faults.push(`${response.status} ${body.slice(0, 300)}`);
        }
      }
    }
    expect(faults).toEqual([]);
    stream.abandon();
    await expectNoFault();
  }, 120_000);

  it.each([
    ['name', nested('[', ']')],
    ['name', nested('{"a":', '}')],
    ['arguments', `{"a":${nested('[', ']')}}`],
    ['_meta', nested('{"a":', '}')],
  ])(
    'that nest too deep in %s are refused on the streams of 2024-11-05, which go on',
    async (place, value) => {
      const stream = await listenTo(`${app.url}/sse`, {});
      await until(() => stream.events().length > 0);
      const target = new URL(stream.events()[0]?.data ?? '', app.url);
      const post = (body: string): Promise<Response> =>
        fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
        });
      const refused = await post(
        messageWith('legacy', 'tools/call', { [`params.${place}`]: value }),
      );
      expect([refused.status, await refused.json()]).toMatchObject([
        400,
        { jsonrpc: '2.0', error: { code: -32600 } },
      ]);
      expect((await post(messageWith('legacy', 'ping', {}))).status).toBe(202);
      await until(() => stream.events().length > 1);
      expect(JSON.parse(stream.events()[1]?.data ?? '')).toMatchObject({
        id: 1,
        result: {},
      });
      stream.abandon();
      await expectNoFault();
    },
  );

  it.each(ERAS)(
    'are no fault of the server as a whole body: %s',
    async (era) => {
      const headers = rpcHeaders(era, 'ping', {});
      for (const value of JUNK) {
        for (const body of [value, `[${value}]`, `[${value},${value}]`]) {
          expect(await statusOf(body, headers)).toBeLessThan(500);
        }
      }
      await expectNoFault();
    },
  );

  it.each(ERAS)(
    'that nest too deep are refused alike, whatever was called before: %s',
    async (era) => {
      const headers = rpcHeaders(era, 'tools/call', { name: 'echo' });
      const send = async (): Promise<unknown> => {
        const body = messageWith(era, 'tools/call', {
          'params.arguments': `{"a":${nested('[', ']')}}`,
        });
        const answer = await fetch(endpoint, { method: 'POST', headers, body });
        return [answer.status, await answer.json()];
      };
      const first = await send();
      expect(first).toMatchObject([400, { error: { code: -32600 } }]);
      for (let count = 0; count < 2; count += 1) {
        await rpc(endpoint, era, 'tools/call', { name: 'echo', arguments: {} });
      }
      expect(await send()).toEqual(first);
    },
  );

  it.each(['TRACE', 'PUT', 'PATCH', 'LOCK'])(
    'are answered 405 where the method is %s (RFC 9110, section 15.5.6)',
    async (method) => {
      const answer = await sendRaw(endpoint, { method });
      expect(answer.status).toBe(405);
      expect(answer.values('allow').join()).toContain('POST');
      await expectNoFault();
    },
  );
});
