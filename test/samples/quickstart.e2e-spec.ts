import { McpRegistry } from 'nestjs-mcp';
import { welcome } from '../../sample/01-quickstart/src/welcome.js';
import { MAIN_TWO } from '../support/adapters.js';
import {
  INTEROP_CLIENTS,
  type InteropClient,
} from '../support/interop-clients.js';
import {
  bootQuickstart,
  type Quickstart,
  WITH_KEY,
} from '../support/quickstart.js';

const NO_SUCH_ID = 'b2f3d0a8-6a54-4f0c-9a53-0d1f1c0b7e11';

/** Reading tools: the arguments, and the plain HTTP request they stand for. */
const READS = [
  ['countries_search', {}, '/countries'],
  [
    'countries_search',
    { text: 'guinea', region: 'Africa', order: 'largest', limit: 2 },
    '/countries?text=guinea&region=Africa&order=largest&limit=2',
  ],
  [
    'countries_search',
    { language: 'French', landlocked: false, minArea: 1e5, offset: 3 },
    '/countries?language=French&landlocked=false&minArea=100000&offset=3',
  ],
  [
    'countries_search',
    { subregion: 'western europe', currency: 'EUR', maxArea: 50000 },
    '/countries?subregion=western%20europe&currency=EUR&maxArea=50000',
  ],
  [
    'countries_search',
    { text: 'São & Co.' },
    '/countries?text=S%C3%A3o%20%26%20Co.',
  ],
  ['countries_find_one', { code: 'fr' }, '/countries/fr'],
  ['countries_find_one', { code: 'JPN' }, '/countries/JPN'],
  ['countries_neighbours', { code: 'AUT' }, '/countries/AUT/neighbours'],
  ['countries_neighbours', { code: 'ISL' }, '/countries/ISL/neighbours'],
] as const;

/** Calls that the application refuses, with the key sent. */
const FAILURES = [
  ['countries_find_one', { code: 'ZZ' }, 'GET', '/countries/ZZ'],
  [
    'countries_neighbours',
    { code: 'a/b' },
    'GET',
    '/countries/a%2Fb/neighbours',
  ],
  ['notes_list', { code: 'nowhere' }, 'GET', '/countries/nowhere/notes'],
  [
    'notes_remove',
    { code: 'FR', id: NO_SUCH_ID },
    'DELETE',
    `/countries/FR/notes/${NO_SUCH_ID}`,
  ],
] as const;

/** Per tool: its arguments, those it needs, and whether it only reads. */
const TOOLS = {
  countries_search: [
    [
      'currency',
      'landlocked',
      'language',
      'limit',
      'maxArea',
      'minArea',
      'offset',
      'order',
      'region',
      'subregion',
      'text',
    ],
    [],
    true,
  ],
  countries_find_one: [['code'], ['code'], true],
  countries_neighbours: [['code'], ['code'], true],
  notes_list: [['code'], ['code'], true],
  notes_add: [['code', 'tags', 'text'], ['code', 'text'], false],
  notes_change: [['code', 'id', 'tags', 'text'], ['code', 'id'], false],
  notes_remove: [['code', 'id'], ['code', 'id'], false],
};

describe.each(MAIN_TWO)('quick start on %s', (adapter) => {
  let quickstart: Quickstart;

  beforeAll(async () => {
    quickstart = await bootQuickstart(adapter);
  });

  afterAll(() => quickstart.app.close());

  it('prints every tool and settings that can be pasted', () => {
    const { tools } = quickstart.app.get(McpRegistry);
    const text = welcome(quickstart.endpoint, tools, 'the-key');
    expect(tools.map(({ name }) => name).sort()).toEqual(
      Object.keys(TOOLS).sort(),
    );
    for (const { name } of tools) expect(text).toContain(`\n  ${name} `);
    expect(text).toContain(
      `claude mcp add --transport http countries ${quickstart.endpoint} --header "Authorization: Bearer the-key"`,
    );
    const pasted = (text.match(/^ {2}\{$[^]*?^ {2}\}$/gm) ?? []).map(
      (block): unknown => JSON.parse(block),
    );
    const remote = {
      url: quickstart.endpoint,
      headers: { Authorization: 'Bearer the-key' },
    };
    expect(pasted).toEqual([
      {
        mcpServers: {
          countries: {
            command: 'npx',
            args: [
              '-y',
              'mcp-remote',
              quickstart.endpoint,
              '--header',
              'Authorization:${AUTH}',
            ],
            env: { AUTH: 'Bearer the-key' },
          },
        },
      },
      { mcpServers: { countries: remote } },
      { servers: { countries: { type: 'http', ...remote } } },
    ]);
  });

  describe.each(INTEROP_CLIENTS)('with %s', (_name, connect) => {
    let client: InteropClient;

    beforeAll(async () => {
      client = await connect(quickstart.endpoint, WITH_KEY);
    });

    afterAll(() => client.close());

    it('tells the client which server this is', () => {
      expect(client.server).toMatchObject({
        name: 'countries',
        title: 'Countries of the world',
        version: '1.0.0',
      });
      expect(client.instructions).toMatch(/^Facts about all countries/);
    });

    it('lists every tool with description, arguments and hints', async () => {
      const tools = await client.listTools();
      const listed = tools.map(({ name, inputSchema, annotations }) => [
        name,
        [
          Object.keys(inputSchema.properties ?? {}).sort(),
          [...(inputSchema.required ?? [])].sort(),
          annotations?.['readOnlyHint'] === true,
        ],
      ]);
      expect(Object.fromEntries(listed)).toEqual(TOOLS);
      for (const { name, description, annotations } of tools) {
        expect(description).toMatch(/^[A-Z].{20,}/);
        expect(annotations?.['destructiveHint'] === true).toBe(
          name === 'notes_remove',
        );
      }
    });

    it.each(READS)('%s %j answers as GET %s does', async (name, args, path) => {
      const expected = await quickstart.http(path);
      expect(expected.status).toBe(200);
      const result = await client.callTool(name, args);
      expect(result.isError).toBe(false);
      expect(JSON.parse(result.text)).toEqual(expected.body);
      expect(result.structuredContent).toEqual(
        client.structured(expected.body),
      );
    });

    it.each(FAILURES)(
      '%s %j fails with what %s %s says',
      async (name, args, method, path) => {
        const expected = await quickstart.http(path, {
          method,
          headers: WITH_KEY,
        });
        expect(expected.status).toBe(404);
        const { isError, text } = await client.callTool(name, args);
        expect(isError).toBe(true);
        expect(text).toContain('404');
        expect(text).toContain((expected.body as { message: string }).message);
      },
    );

    it.each([
      ['countries_search', { limit: 0 }, 'limit'],
      ['countries_search', { region: 'Atlantis' }, 'region'],
      ['countries_search', { population: 1 }, 'population'],
      ['notes_add', { code: 'FR' }, 'text'],
      ['notes_remove', { code: 'FR', id: 'first' }, 'id'],
    ])('%s refuses %j and names `%s`', async (name, args, culprit) => {
      const { isError, text } = await client.callTool(name, args);
      expect(isError).toBe(true);
      expect(text).toContain(culprit);
    });
  });
});
