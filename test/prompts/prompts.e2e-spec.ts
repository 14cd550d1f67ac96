import { Module } from '@nestjs/common';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpModule, McpRegistry } from '../../lib/index.js';
import { SECRET } from '../fixtures/content/books.js';
import { PlaysModule, Staged } from '../fixtures/content/plays.js';
import { ask, listed } from '../fixtures/content/requests.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';

@Module({
  imports: [
    McpModule.forRoot({
      name: 'plays',
      limits: { pageSize: 4, maxResultBytes: 1000 },
    }),
    PlaysModule,
  ],
})
class App {}

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const text = (role: string, words: string) => ({
  role,
  content: { type: 'text', text: words },
});

describe.each(MAIN_TWO)('prompts on %s', (adapter) => {
  let booted: BootedApp;
  let endpoint: string;
  let staged: Staged;

  beforeAll(async () => {
    booted = await bootApp(App, adapter, UNHELD);
    endpoint = `${booted.url}/mcp`;
    staged = booted.app.get(Staged, { strict: false });
  });
  beforeEach(() => void staged.ran.splice(0));
  afterAll(() => booted?.close());

  describe.each(ERAS)('in the %s era', (era) => {
    const get = (
      name: string,
      args?: Record<string, unknown>,
      headers: Record<string, string> = {},
    ) =>
      ask(
        endpoint,
        'prompts/get',
        { name, ...(args && { arguments: args }) },
        { era, headers },
      );

    it('are listed page by page, with their arguments (MCP, Prompts; Pagination)', async () => {
      const prompts: Record<string, unknown>[] = [];
      let cursor: string | undefined;
      do {
        const page = await listed(
          endpoint,
          'prompts',
          cursor === undefined ? {} : { cursor },
          { era },
        );
        expect(page.entries.length).toBeLessThanOrEqual(4);
        prompts.push(...page.entries);
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(prompts.map(({ name }) => name)).toEqual([
        'play_aside',
        'play_asking',
        'play_dialogue',
        'play_failing',
        'play_filtered',
        'play_finished',
        'play_guarded',
        'play_monologue',
        'scene',
      ]);
      expect(prompts[0]).toEqual({
        name: 'play_aside',
        arguments: [
          { name: 'mood', description: 'How it feels', required: true },
          { name: 'loud', required: false },
        ],
      });
      expect(prompts.at(-1)).toEqual({
        name: 'scene',
        title: 'A scene',
        description: 'Writes a scene',
        icons: [{ src: 'https://example.com/mask.png' }],
        _meta: { 'example.com/stage': 1 },
        arguments: [
          { name: 'play', required: true },
          { name: 'act', required: true },
          { name: 'form', required: false },
        ],
      });
    });

    it('refuse a cursor that is none (MCP, Pagination)', async () => {
      const { error } = await ask(
        endpoint,
        'prompts/list',
        { cursor: 'bogus' },
        { era },
      );
      expect(error?.code).toBe(INVALID_PARAMS);
    });

    it('take arguments by DTO, numbers out of text, and have their context', async () => {
      const { result } = await get('scene', { play: 'Hamlet', act: '3' });
      expect(result).toMatchObject({
        description: 'Writes a scene',
        messages: [text('user', 'prompt scene: Hamlet, act 3')],
      });
      expect(staged.ran).toEqual([{ play: 'Hamlet', act: 3 }]);
    });

    it('take arguments by Standard Schema', async () => {
      const { result } = await get('play_aside', { mood: 'sad', loud: 'true' });
      expect(result?.['messages']).toEqual([
        text('user', '{"mood":"sad","loud":true}'),
      ]);
    });

    it.each([
      ['none', undefined, 'play'],
      ['too few', { play: 'Hamlet' }, 'act'],
      ['an invalid one', { play: 'Hamlet', act: '6' }, 'act'],
      [
        'another than those listed',
        { play: 'Hamlet', act: '1', form: 'song' },
        'form',
      ],
    ])(
      'refuse %s of the arguments with -32602 (MCP, Prompts, "Error Handling")',
      async (_, args, named) => {
        const { error } = await get('scene', args);
        expect(error?.code).toBe(INVALID_PARAMS);
        expect(error?.message).toContain(named);
        expect(staged.ran).toEqual([]);
      },
    );

    it('refuse arguments where they take none', async () => {
      const { error } = await get('play_dialogue', { x: '1' });
      expect(error?.code).toBe(INVALID_PARAMS);
    });

    it('refuse an unknown name with -32602 (MCP, Prompts, "Error Handling")', async () => {
      expect((await get('nobody')).error).toEqual({
        code: INVALID_PARAMS,
        message: 'Unknown prompt: nobody',
      });
    });

    it('are made of a message, several of them, or a finished result', async () => {
      const { result: one } = await get('play_monologue');
      expect(one?.['messages']).toEqual([text('assistant', 'To be')]);
      const { result: two } = await get('play_dialogue');
      expect(two?.['messages']).toEqual([
        text('user', 'Who is there?'),
        text('assistant', 'Nay, answer me'),
      ]);
      const { result: whole } = await get('play_finished');
      expect(whole).toMatchObject({
        description: 'Returned',
        _meta: { 'example.com/kept': true },
        messages: [
          {
            role: 'user',
            content: {
              type: 'resource',
              resource: { uri: 'plays://1', text: 'Exeunt' },
            },
          },
        ],
      });
    });

    it.each([
      [
        'a McpError tells its message',
        'told',
        INVALID_PARAMS,
        'The actor is ill',
      ],
      [
        'a refusal tells its own',
        'refused',
        INVALID_PARAMS,
        '400 Bad Request: The house is full',
      ],
      [
        'so does a 403',
        'forbidden',
        INVALID_PARAMS,
        '403 Forbidden: Not for you',
      ],
      ['any other error is masked', 'crash', INTERNAL_ERROR, 'Internal error'],
      ['nothing is no prompt', 'nothing', INTERNAL_ERROR, 'Internal error'],
      [
        'neither is what has no role',
        'nonsense',
        INTERNAL_ERROR,
        'Internal error',
      ],
      [
        'too much is refused',
        'large',
        INTERNAL_ERROR,
        'The result is larger than 1000 bytes.',
      ],
    ])(
      'fail so that %s (MCP, Prompts, "Error Handling")',
      async (_, how, code, message) => {
        booted.logger.lines.splice(0);
        expect((await get('play_failing', { how })).error).toEqual({
          code,
          message,
        });
        const logged = booted.logger.of('error').join('\n');
        expect(logged.includes(SECRET)).toBe(how === 'crash');
        expect(logged.includes('returned no prompt')).toBe(
          how.startsWith('no'),
        );
      },
    );

    it('run with guards, interceptors and filters', async () => {
      const refused = await get('play_guarded');
      expect(refused.error?.message).toContain('403');
      expect(staged.ran).toEqual([]);
      const { result } = await get('play_guarded', undefined, {
        authorization: 'Bearer key',
      });
      expect(result?.['messages']).toEqual([text('user', 'QUIET')]);
      const filtered = await get('play_filtered');
      expect(filtered.result?.['messages']).toEqual([
        text('assistant', 'The curtain falls'),
      ]);
    });
  });

  it('ask the person in the 2026 era by running again', async () => {
    const options = {
      meta: {
        'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      },
    };
    const { result } = await ask(
      endpoint,
      'prompts/get',
      { name: 'play_asking' },
      options,
    );
    expect(result?.['resultType']).toBe('input_required');
    const again = await ask(
      endpoint,
      'prompts/get',
      {
        name: 'play_asking',
        requestState: result?.['requestState'],
        inputResponses: {
          play: { action: 'accept', content: { play: 'Lear' } },
        },
      },
      options,
    );
    expect(again.result?.['messages']).toEqual([text('user', 'Play Lear')]);
  });

  it('are known to McpRegistry', () => {
    const registry = booted.app.get(McpRegistry, { strict: false });
    expect(registry.prompts.map(({ name }) => name)).toContain('scene');
  });

  it.each(ERAS)('are taken by the v2 client (%s)', async (era) => {
    const client = await connectClient(endpoint, era);
    expect(client.getServerCapabilities()?.prompts).toBeDefined();
    const { messages } = await client.getPrompt({
      name: 'scene',
      arguments: { play: 'Lear', act: '1' },
    });
    expect(messages).toEqual([text('user', 'prompt scene: Lear, act 1')]);
    await client.close();
  });

  it('are taken by the v1 client', async () => {
    const client = new V1Client({ name: 'v1', version: '1.0.0' });
    await client.connect(new V1Transport(new URL(endpoint)) as never);
    expect((await client.listPrompts()).prompts.length).toBe(4);
    const { messages } = await client.getPrompt({ name: 'play_monologue' });
    expect(messages).toEqual([text('assistant', 'To be')]);
    await client.close();
  });
});
