import {
  type CanActivate,
  type ExecutionContext,
  Module,
} from '@nestjs/common';
import {
  ApiKeyAuthProvider,
  type McpAuthOptions,
  McpModule,
  type McpModuleExtras,
  StaticTokenVerifier,
} from '../../lib/index.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootProtected } from '../support/auth-app.js';
import { createIssuer, type TestIssuer } from '../support/auth-issuer.js';
import { type BootedApp, bootApp } from '../support/boot-app.js';
import {
  freezeTime,
  passSeconds,
  releaseTime,
} from '../support/frozen-time.js';
import { rpc, type RpcAnswer } from '../support/json-rpc.js';
import {
  journal,
  Questions,
  QuestionsModule,
} from '../fixtures/questions/questions.module.js';

const SECRET = 'a-secret-that-all-instances-share-and-nobody-else';
const CAPABILITIES = {
  'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } },
};
const NAME = { name: { action: 'accept', content: { name: 'Ada' } } };

interface Round {
  readonly inputResponses?: Record<string, unknown>;
  readonly requestState?: string;
}

const call = (
  endpoint: string,
  round: Round = {},
  { tool = 'order', args = {}, headers = {} } = {},
): Promise<RpcAnswer> =>
  rpc(
    endpoint,
    'modern',
    'tools/call',
    { name: tool, arguments: args, ...round },
    { meta: CAPABILITIES, headers },
  );

const stateOf = ({ response }: RpcAnswer): string =>
  String(response?.result?.['requestState']);

const questionsOf = ({ response }: RpcAnswer): string[] =>
  Object.keys((response?.result?.['inputRequests'] ?? {}) as object);

const REFUSED = {
  code: -32602,
  message: 'Invalid or expired requestState',
  data: { reason: 'invalid_request_state' },
};

describe.each(ADAPTERS)(
  'requestState (MCP 2026-07-28, Multi Round-Trip Requests) on %s',
  (adapter) => {
    let booted: BootedApp;
    let endpoint: string;

    beforeAll(async () => {
      booted = await bootApp(
        QuestionsModule.with({ secrets: [SECRET] }),
        adapter,
      );
      endpoint = `${booted.url}/mcp`;
    });

    afterAll(() => booted.close());

    beforeEach(() => journal.splice(0));

    afterEach(() => releaseTime());

    it('carries earlier answers and what was done once, and differs from round to round', async () => {
      const first = await call(endpoint);
      expect(first.response?.result).toMatchObject({
        resultType: 'input_required',
        inputRequests: { name: { method: 'elicitation/create' } },
      });
      const second = await call(endpoint, {
        requestState: stateOf(first),
        inputResponses: NAME,
      });
      expect(questionsOf(second)).toEqual(['colour']);
      expect(stateOf(second)).not.toBe(stateOf(first));
      const last = await call(endpoint, {
        requestState: stateOf(second),
        inputResponses: {
          colour: { action: 'accept', content: { colour: 'red' } },
        },
      });
      expect(last.response?.result).toMatchObject({ resultType: 'complete' });
      expect(last.text).toContain('the-order-number');
      expect(journal.filter((entry) => entry === 'made')).toHaveLength(1);
    });

    it('can be read by nobody else', async () => {
      const state = stateOf(await call(endpoint));
      const parts = state
        .split('.')
        .map((part) => Buffer.from(part, 'base64url').toString('latin1'));
      expect([state, ...parts].join()).not.toContain('order-number');
    });

    it.each([
      ['an extra end', (state: string) => `${state}-TAMPERED`],
      [
        'a changed letter',
        (state: string) =>
          state.slice(0, -20) +
          (state.at(-20) === 'A' ? 'B' : 'A') +
          state.slice(-19),
      ],
      ['another text', () => 'state'],
      ['nothing in it', () => ''],
    ])('is refused with %s', async (_what, change) => {
      const state = stateOf(await call(endpoint));
      const answer = await call(endpoint, {
        requestState: change(state),
        inputResponses: NAME,
      });
      expect(answer.response?.error).toEqual(REFUSED);
      expect(answer.status).toBe(200);
    });

    it('is refused after ten minutes', async () => {
      freezeTime(Date.now());
      const state = stateOf(await call(endpoint));
      passSeconds(599);
      expect(
        questionsOf(await call(endpoint, { requestState: state })),
      ).toEqual(['name']);
      passSeconds(2);
      expect(
        (await call(endpoint, { requestState: state })).response?.error,
      ).toEqual(REFUSED);
    });

    it('is refused for another tool, and for other arguments', async () => {
      const requestState = stateOf(await call(endpoint));
      for (const other of [{ tool: 'all_at_once' }, { tool: 'swallow' }]) {
        expect(
          (await call(endpoint, { requestState }, other)).response?.error,
        ).toEqual(REFUSED);
      }
      const closing = { tool: 'rooms_close', args: { room: 'red' } };
      const state = stateOf(await call(endpoint, {}, closing));
      expect(
        (
          await call(
            endpoint,
            { requestState: state },
            { ...closing, args: { room: 'blue' } },
          )
        ).response?.error,
      ).toEqual(REFUSED);
    });

    it('asks again for what was not answered, and overlooks what was not asked', async () => {
      const state = stateOf(await call(endpoint));
      for (const inputResponses of [
        {},
        { wrong: NAME.name },
        { name: 12345 },
        { name: { action: 'accept', content: { name: 7 } } },
        { name: { roots: [] } },
      ]) {
        const answer = await call(endpoint, {
          requestState: state,
          inputResponses,
        });
        expect(questionsOf(answer)).toEqual(['name']);
      }
      const answer = await call(endpoint, {
        requestState: state,
        inputResponses: { ...NAME, more: NAME.name },
      });
      expect(questionsOf(answer)).toEqual(['colour']);
    });

    it('goes on at another instance with the same secret, an older one included', async () => {
      const requestState = stateOf(await call(endpoint));
      const round = { requestState, inputResponses: NAME };
      const newer = 'a-newer-secret-that-all-instances-will-share';
      for (const [secrets, goesOn] of [
        [[SECRET], true],
        [[newer, SECRET], true],
        [[newer], false],
        [undefined, false],
      ] as const) {
        const other = await bootApp(
          QuestionsModule.with(secrets ? { secrets } : {}),
          adapter,
        );
        try {
          const answer = await call(`${other.url}/mcp`, round);
          if (goesOn) {
            expect(questionsOf(answer)).toEqual(['colour']);
          } else {
            expect(answer.response?.error).toEqual(REFUSED);
          }
        } finally {
          await other.close();
        }
      }
    });
  },
);

describe.each(ADAPTERS)('the requestState of a caller on %s', (adapter) => {
  let issuer: TestIssuer;

  beforeAll(async () => {
    issuer = await createIssuer();
  });

  it('is refused from another subject, client or nobody', async () => {
    const booted = await bootProtected(
      adapter,
      { verifier: issuer.verifier },
      { imports: [Questions] },
    );
    try {
      const ada = { sub: 'ada', client_id: 'one' };
      const as = async (claims: Record<string, unknown>) => ({
        headers: await issuer.bearer(claims),
      });
      const requestState = stateOf(
        await call(booted.endpoint, {}, await as(ada)),
      );
      const round = { requestState, inputResponses: NAME };
      for (const claims of [
        { ...ada, sub: 'grace' },
        { ...ada, client_id: 'two' },
      ]) {
        expect(
          (await call(booted.endpoint, round, await as(claims))).response
            ?.error,
        ).toEqual(REFUSED);
      }
      // A new token of the same person is as good as the old one.
      expect(
        questionsOf(await call(booted.endpoint, round, await as(ada))),
      ).toEqual(['colour']);
    } finally {
      await booted.close();
    }
  });
});

describe.each(ADAPTERS)(
  'the requestState of a caller whom nothing names, on %s',
  (adapter) => {
    class HeaderGuard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        const { headers } = context
          .switchToHttp()
          .getRequest<{ headers: Record<string, string | undefined> }>();
        return !!(headers.authorization ?? headers['x-api-key']);
      }
    }
    const keys = () =>
      new StaticTokenVerifier(['key-one', 'key-two'], { tokenType: 'api_key' });

    it.each<[string, McpAuthOptions, string, string, McpModuleExtras]>([
      [
        'API keys',
        { provider: new ApiKeyAuthProvider({ verifier: keys() }) },
        'x-api-key',
        '',
        {},
      ],
      [
        'opaque tokens',
        { verifier: new StaticTokenVerifier(['key-one', 'key-two']) },
        'authorization',
        'Bearer ',
        {},
      ],
      [
        'a guard of the application, by Authorization',
        { verifier: false },
        'authorization',
        'Bearer ',
        { guards: [HeaderGuard] },
      ],
      [
        'a guard of the application, by X-Api-Key',
        { verifier: false },
        'x-api-key',
        '',
        { guards: [HeaderGuard] },
      ],
    ])(
      'is refused from another, with %s',
      async (_with, auth, header, prefix, extras) => {
        const booted = await bootProtected(adapter, auth, {
          imports: [Questions],
          mcp: { ...extras, secrets: [SECRET] },
        });
        try {
          const as = (key: string) => ({
            headers: { [header]: `${prefix}${key}` },
          });
          const requestState = stateOf(
            await call(booted.endpoint, {}, as('key-one')),
          );
          const round = { requestState, inputResponses: NAME };
          expect(
            (await call(booted.endpoint, round, as('key-two'))).response?.error,
          ).toEqual(REFUSED);
          expect(
            questionsOf(await call(booted.endpoint, round, as('key-one'))),
          ).toEqual(['colour']);
        } finally {
          await booted.close();
        }
      },
    );

    it('is refused at another server with the same secrets', async () => {
      @Module({
        imports: ['one', 'two'].map((name) =>
          McpModule.forRoot({
            name,
            path: `/${name}`,
            secrets: [SECRET],
          }),
        ),
      })
      class TwoServers {}
      const booted = await bootApp(
        { module: TwoServers, imports: [Questions] },
        adapter,
      );
      try {
        const requestState = stateOf(await call(`${booted.url}/one`));
        const round = { requestState, inputResponses: NAME };
        expect(
          (await call(`${booted.url}/two`, round)).response?.error,
        ).toEqual(REFUSED);
        expect(questionsOf(await call(`${booted.url}/one`, round))).toEqual([
          'colour',
        ]);
      } finally {
        await booted.close();
      }
    });
  },
);

it.each([
  [[], 'secrets is empty'],
  ['short', 'secrets is no list'],
  [['short'], 'secrets[0] has 5 characters'],
  [[SECRET, ''], 'secrets[1] has 0 characters'],
  [[SECRET, undefined], 'secrets[1] is undefined'],
] as [string[], string][])(
  'secrets %j stop the application: %s, with the remedy',
  async (secrets, found) => {
    await expect(
      bootApp(QuestionsModule.with({ secrets }), 'express'),
    ).rejects.toThrow(found);
    await expect(
      bootApp(QuestionsModule.with({ secrets }), 'express'),
    ).rejects.toThrow(/secrets.*32 characters.*openssl rand/);
  },
);
