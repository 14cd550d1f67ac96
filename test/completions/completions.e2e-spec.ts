import { Module } from '@nestjs/common';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpModule } from '../../lib/index.js';
import { SECRET } from '../fixtures/content/books.js';
import { PlaysModule, Staged } from '../fixtures/content/plays.js';
import { ask } from '../fixtures/content/requests.js';
import { MAIN_TWO } from '../support/adapters.js';
import { bootApp, type BootedApp, UNHELD } from '../support/boot-app.js';
import { ERAS } from '../support/json-rpc.js';
import { connectClient } from '../support/sdk-client.js';

@Module({ imports: [McpModule.forRoot({ name: 'plays' }), PlaysModule] })
class App {}

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;
const ACTS = 'plays://{play}/acts/{act}';
const prompt = (name: string) => ({ type: 'ref/prompt' as const, name });
const resource = (uri: string) => ({ type: 'ref/resource' as const, uri });

describe.each(MAIN_TWO)('completions on %s', (adapter) => {
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
    const complete = (
      ref: object,
      name: string,
      value = '',
      known?: Record<string, string>,
      headers: Record<string, string> = {},
    ) =>
      ask(
        endpoint,
        'completion/complete',
        {
          ref,
          argument: { name, value },
          ...(known && { context: { arguments: known } }),
        },
        { era, headers },
      );

    it('suggest values for an argument of a prompt (MCP, Completion)', async () => {
      const { result } = await complete(prompt('scene'), 'play', 'H');
      expect(result?.['completion']).toEqual({ values: ['Hamlet', 'Henry V'] });
      expect(staged.ran).toEqual([['completion', 'scene']]);
    });

    it('suggest values for a variable of a template, by those that are known', async () => {
      const { result } = await complete(resource(ACTS), 'act', '2', {
        play: 'Lear',
      });
      expect(result?.['completion']).toEqual({ values: ['Lear 2'] });
    });

    it('are cut at 100 values, and say so (MCP, Completion)', async () => {
      const { result } = await complete(prompt('scene'), 'act');
      const completion = result?.['completion'] as { values: string[] };
      expect(completion.values).toHaveLength(100);
      expect(completion).toMatchObject({ total: 250, hasMore: true });
    });

    it('pass total and hasMore on', async () => {
      const { result } = await complete(prompt('scene'), 'form');
      expect(result?.['completion']).toEqual({
        values: ['verse'],
        total: 2,
        hasMore: true,
      });
    });

    it.each([
      ['an argument without one', prompt('play_failing'), 'how', ''],
      ['an argument that does not exist', prompt('scene'), 'nobody', ''],
      ['a variable without one', resource(ACTS), 'play', ''],
      ['a resource without variables', resource('plays://all'), 'x', ''],
      ['a value that nothing fits', prompt('scene'), 'play', 'Z'],
      ['what returns nothing', prompt('play_aside'), 'mood', 'nothing'],
    ])('are empty for %s', async (_, ref, name, value) => {
      const { result } = await complete(ref, name, value);
      expect(result?.['completion']).toEqual({ values: [] });
    });

    it.each([
      ['prompt', prompt('nobody'), 'Unknown prompt: nobody'],
      ['resource', resource('plays://{x}'), 'Resource not found: plays://{x}'],
    ])(
      'refuse an unknown %s with -32602 (MCP, Completion)',
      async (_, ref, message) => {
        const { error } = await complete(ref, 'x');
        expect(error).toMatchObject({ code: INVALID_PARAMS, message });
      },
    );

    it.each([
      ['told', INVALID_PARAMS, 'Type more'],
      ['nonsense', INTERNAL_ERROR, 'Internal error'],
      ['crash', INTERNAL_ERROR, 'Internal error'],
    ])('tell errors as prompts do: %s', async (value, code, message) => {
      booted.logger.lines.splice(0);
      const { error } = await complete(prompt('play_aside'), 'mood', value);
      expect(error).toEqual({ code, message });
      const logged = booted.logger.of('error').join('\n');
      expect(logged.includes(SECRET)).toBe(value === 'crash');
    });

    it('run with the guards of their method', async () => {
      const refused = await complete(prompt('play_aside'), 'loud');
      expect(refused.error?.message).toContain('403');
      expect(staged.ran).toEqual([]);
      const { result } = await complete(
        prompt('play_aside'),
        'loud',
        '',
        undefined,
        { authorization: 'Bearer key' },
      );
      expect(result?.['completion']).toEqual({ values: ['true', 'false'] });
    });
  });

  it.each(ERAS)('answer the v2 client (%s)', async (era) => {
    const client = await connectClient(endpoint, era);
    expect(client.getServerCapabilities()?.completions).toBeDefined();
    const { completion } = await client.complete({
      ref: prompt('scene'),
      argument: { name: 'play', value: 'M' },
    });
    expect(completion.values).toEqual(['Macbeth']);
    await client.close();
  });

  it('answer the v1 client', async () => {
    const client = new V1Client({ name: 'v1', version: '1.0.0' });
    await client.connect(new V1Transport(new URL(endpoint)) as never);
    const { completion } = await client.complete({
      ref: resource(ACTS),
      argument: { name: 'act', value: '1' },
      context: { arguments: { play: 'Lear' } },
    });
    expect(completion.values).toEqual(['Lear 1']);
    await client.close();
  });
});
