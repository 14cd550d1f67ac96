import { Module, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { AddressInfo } from 'node:net';
import type { INestApplication } from '@nestjs/common';
import { McpModule, type McpModuleOptions } from '../../lib/index.js';
import { FastPath } from '../../lib/transport/direct/fast-path.js';
import {
  abandoned,
  GuardedModule,
  ThingsModule,
} from '../fixtures/fast-path/application.js';
import { CORPUS, type RecordedRequest } from '../fixtures/fast-path/corpus.js';
import {
  ADAPTERS,
  type AdapterName,
  createAdapter,
} from '../support/adapters.js';
import { createIssuer, RESOURCE } from '../support/auth-issuer.js';
import { callTool } from '../support/call-tool.js';
import {
  type Era,
  ERAS,
  rpc,
  rpcBody,
  rpcHeaders,
} from '../support/json-rpc.js';
import { sendRaw } from '../support/raw-http.js';
import { RecordingLogger } from '../support/recording-logger.js';
import { until } from '../support/until.js';

/** An application, with or without the fast path. */
interface Served {
  readonly app: INestApplication;
  readonly endpoint: string;
  /** Requests that the fast path took since it was last asked. */
  taken(): number;
}

/** What is compared of an answer: status, media type and body. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly challenge: string[];
}

async function serve(
  adapter: AdapterName,
  isFast: boolean,
  options: McpModuleOptions = {},
  content: Type<unknown> = ThingsModule,
): Promise<Served> {
  @Module({
    imports: [
      McpModule.forRoot({ name: 'things', version: '1.0.0', ...options }),
      content,
    ],
  })
  class App {}
  const builder = Test.createTestingModule({ imports: [App] });
  if (!isFast) {
    builder.overrideProvider(FastPath).useValue({ serve: () => undefined });
  }
  const module = await builder.setLogger(new RecordingLogger()).compile();
  const app = module.createNestApplication(createAdapter(adapter) as never);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const path = app.get(FastPath, { strict: false });
  const serve = path.serve.bind(path);
  let taken = 0;
  path.serve = (...request) => {
    const served = serve(...request);
    taken += served === undefined ? 0 : 1;
    return served;
  };
  return {
    app,
    endpoint: `http://127.0.0.1:${port}/mcp`,
    taken: () => {
      const since = taken;
      taken = 0;
      return since;
    },
  };
}

/** A call that is answered by a plain result. */
const MAKE = { name: 'make', arguments: { name: 'chair', size: 1 } };

async function replay(
  { endpoint }: Served,
  { method = 'POST', headers, body }: RecordedRequest,
): Promise<Answer> {
  const answer = await sendRaw(endpoint, {
    method,
    headers,
    ...(body !== undefined && { body }),
  });
  return {
    status: answer.status,
    type: (answer.values('content-type')[0] ?? '').split(';')[0] ?? '',
    // Sealed anew each time.
    body: answer.text.replace(/"requestState":"[^"]+"/, '"requestState":"…"'),
    challenge: answer.values('www-authenticate'),
  };
}

describe.each(ADAPTERS)('the fast path on %s', (adapter) => {
  let fast: Served;
  let reference: Served;

  beforeAll(async () => {
    fast = await serve(adapter, true);
    reference = await serve(adapter, false);
    for (const era of ERAS) {
      await rpc(fast.endpoint, era, 'tools/call', MAKE);
    }
  });

  afterAll(() => Promise.all([fast.app.close(), reference.app.close()]));

  beforeEach(() => void fast.taken());

  it.each(CORPUS)(
    "answers as the SDK's handler does: $title",
    async (entry) => {
      const expected = await replay(reference, entry);
      expect(await replay(fast, entry)).toEqual(expected);
      fast.taken();
      // By then, what is to be learned from the handler's answer is known.
      expect(await replay(fast, entry)).toEqual(expected);
      expect(fast.taken()).toBe(entry.isFast ? 1 : 0);
      expect(reference.taken()).toBe(0);
    },
  );

  it.each(ERAS)(
    'asks the SDK once what it finds in the metadata of %s clients',
    async (era) => {
      const plainly = async (meta: object): Promise<number> => {
        await rpc(fast.endpoint, era, 'tools/call', MAKE, {
          meta: { 'com.example/seen': `${adapter} ${era}`, ...meta },
        });
        return fast.taken();
      };
      expect(await plainly({})).toBe(0);
      expect(await plainly({})).toBe(1);
      expect(await plainly({ progressToken: 'p' })).toBe(1);
      expect(await plainly({ traceparent: '00-1-2-01' })).toBe(1);
      expect(await plainly({ 'com.example/other': 1 })).toBe(0);
    },
  );

  it('answers a body that is too large as the handler does', async () => {
    const large: RecordedRequest = {
      title: 'large',
      isFast: false,
      headers: rpcHeaders('modern', 'tools/call', { name: 'make' }),
      body: JSON.stringify({
        ...rpcBody('modern', 'tools/call', { name: 'make' }),
        padding: 'x'.repeat(6 * 1024 * 1024),
      }),
    };
    const answer = await replay(fast, large);
    expect(answer.status).toBe(413);
    expect(answer).toEqual(await replay(reference, large));
  });

  it.each(ERAS)('mixes up nothing of many calls at once (%s)', async (era) => {
    const sizes = Array.from({ length: 300 }, (_value, index) => index % 10);
    const answers = await Promise.all(
      sizes.map((size, index) =>
        rpc(
          fast.endpoint,
          era,
          'tools/call',
          index % 3 === 0
            ? { name: 'steps', arguments: {} }
            : { name: 'make', arguments: { name: `thing ${index}`, size } },
          { id: index, meta: { progressToken: `token ${index}` } },
        ),
      ),
    );
    answers.forEach(({ response, messages }, index) => {
      expect(response?.id).toBe(index);
      const progress = messages.filter(
        ({ method }) => method === 'notifications/progress',
      );
      if (index % 3 === 0) {
        expect(progress).toHaveLength(3);
        for (const { params } of progress) {
          expect(params?.['progressToken']).toBe(`token ${index}`);
        }
      } else {
        expect(progress).toHaveLength(0);
        expect(JSON.stringify(response)).toContain(`thing ${index}`);
      }
    });
    expect(fast.taken()).toBe(sizes.length);
  });

  it.each(ERAS)('gives a call up when its client leaves (%s)', async (era) => {
    abandoned.splice(0);
    const leaving = new AbortController();
    const call = rpc(
      fast.endpoint,
      era,
      'tools/call',
      { name: 'wait', arguments: {} },
      { signal: leaving.signal },
    );
    await until(() => fast.taken() === 1);
    leaving.abort();
    await expect(call).rejects.toThrow();
    await until(() => abandoned.length === 1);
  });
});

describe.each(ADAPTERS)('the fast path with auth on %s', (adapter) => {
  it.each(ERAS)(
    'refuses, hides and identifies as the handler does (%s)',
    async (era) => {
      const issuer = await createIssuer();
      const options: McpModuleOptions = {
        auth: { resource: RESOURCE, verifier: issuer.verifier },
      };
      const fast = await serve(adapter, true, options, GuardedModule);
      const reference = await serve(adapter, false, options, GuardedModule);
      try {
        const tokens = [
          {},
          { authorization: 'Bearer wrong' },
          await issuer.bearer(),
          await issuer.bearer({ scope: 'things:write', sub: 'grace' }),
          await issuer.bearer({ exp: 1 }),
        ];
        const requests = [
          ...['open', 'read', 'write', 'nobody'].map(
            (name) => ['tools/call', { name, arguments: {} }] as const,
          ),
          ['tools/list', {}] as const,
          ['tools/list', {}] as const,
        ];
        let taken = 0;
        for (const [method, params] of requests) {
          for (const token of tokens) {
            const entry = recorded(era, method, params, token);
            const answer = await replay(reference, entry);
            expect(await replay(fast, entry)).toEqual(answer);
            fast.taken();
            expect(await replay(fast, entry)).toEqual(answer);
            expect(fast.taken()).toBe(answer.status === 200 ? 1 : 0);
            taken += answer.status === 200 ? 1 : 0;
          }
        }
        expect(taken).toBeGreaterThan(10);
      } finally {
        await Promise.all([fast.app.close(), reference.app.close()]);
      }
    },
  );

  it('never sends a list to somebody else, nor one that is no longer right', async () => {
    const issuer = await createIssuer();
    const fast = await serve(
      adapter,
      true,
      { auth: { resource: RESOURCE, verifier: issuer.verifier } },
      GuardedModule,
    );
    try {
      const listed = async (headers: Record<string, string>) => {
        const { response } = await rpc(
          fast.endpoint,
          'modern',
          'tools/list',
          {},
          { headers },
        );
        const { tools } = (response?.result ?? {}) as {
          tools: { name: string }[];
        };
        return tools.map(({ name }) => name);
      };
      const writer = await issuer.bearer({ scope: 'things:write' });
      for (let round = 0; round < 2; round += 1) {
        expect(await listed({})).toEqual(['open']);
        expect(await listed(await issuer.bearer())).toEqual(['open', 'read']);
        expect(await listed(writer)).toEqual(['open', 'read', 'write']);
      }
      // The second of each.
      expect(fast.taken()).toBe(3);
      expect(
        (await callTool(fast.endpoint, 'write', {}, { headers: writer })).text,
      ).toBe('written');
    } finally {
      await fast.app.close();
    }
  });
});

function recorded(
  era: Era,
  method: string,
  params: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): RecordedRequest {
  return {
    title: method,
    isFast: true,
    headers: { ...rpcHeaders(era, method, params), ...headers },
    body: JSON.stringify(rpcBody(era, method, params)),
  };
}
