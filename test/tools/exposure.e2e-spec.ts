import { Module, type Type } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { McpModule } from '../../lib/index.js';
import type { McpModuleExtras, McpModuleOptions } from '../../lib/index.js';
import {
  AnimalsController,
  AnimalsModule,
  StaffModule,
  ZooModule,
} from '../fixtures/exposure/zoo.js';
import { ADAPTERS } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools, toolNames } from '../support/call-tool.js';
import { ERAS, rpc } from '../support/json-rpc.js';

const zoo = (options: McpModuleOptions & McpModuleExtras = {}): Type => {
  @Module({
    imports: [McpModule.forRoot({ name: 'zoo', ...options }), ZooModule],
  })
  class App {}
  return App;
};

const DECORATED = [
  'adopt-animal.v1',
  'animals_find_one',
  'dismiss',
  'keepers_internal',
  'keepers_list',
  'keepers_replace',
  'listAnimals',
];
// `@ApiExcludeEndpoint()` takes out what `@McpTool()` does not ask for.
const ALL = [...DECORATED, 'animals_change', 'animals_replace', 'plain_read'];

async function namesOf(
  options: McpModuleOptions,
): Promise<{ names: string[]; warnings: string[] }> {
  const booted = await bootApp(zoo(options), 'express');
  try {
    return {
      names: (await toolNames(`${booted.url}/mcp`)).toSorted(),
      warnings: booted.logger.of('warn'),
    };
  } finally {
    await booted.close();
  }
}

describe('what is exposed', () => {
  it('is what carries @McpTool(), less what carries @McpHide()', async () => {
    expect((await namesOf({})).names).toEqual(DECORATED.toSorted());
  });

  it("is every route with expose: 'all', less what carries @McpHide()", async () => {
    expect((await namesOf({ expose: 'all' })).names).toEqual(ALL.toSorted());
  });

  const include: [string, McpModuleOptions['include'], string[]][] = [
    [
      'tool name',
      { tools: ['dismiss', 'plain_read'] },
      ['dismiss', 'plain_read'],
    ],
    ['operation id', { operations: ['listAnimals'] }, ['listAnimals']],
    ['tag', { tags: ['writing'] }, ['adopt-animal.v1']],
    [
      'controller',
      { controllers: ['PlainController', AnimalsController] },
      ALL.filter((n) => /animal/i.test(n) || n === 'plain_read'),
    ],
    [
      'module',
      { modules: [AnimalsModule] },
      ALL.filter((n) => /animal/i.test(n)),
    ],
    [
      'module name',
      { modules: ['StaffModule'] },
      ALL.filter((n) => !/animal/i.test(n)),
    ],
    [
      'HTTP method',
      { methods: ['put', 'DELETE'] },
      ['animals_replace', 'dismiss', 'keepers_replace'],
    ],
    ['path', { paths: ['/plain'] }, ['plain_read']],
    [
      'path and everything below',
      { paths: ['/keepers/*'] },
      ALL.filter((n) => /keepers|dismiss/.test(n)),
    ],
    [
      'any entry of any list',
      { tags: ['writing'], paths: ['/plain'] },
      ['adopt-animal.v1', 'plain_read'],
    ],
  ];

  it.each(include)('is included by %s', async (_, filter, expected) => {
    const { names, warnings } = await namesOf({
      expose: 'all',
      include: filter,
    });
    expect(names).toEqual(expected.toSorted());
    expect(warnings.filter((line) => line.includes('filter'))).toEqual([]);
  });

  it.each(include)('is excluded by %s', async (_, filter, expected) => {
    const { names } = await namesOf({ expose: 'all', exclude: filter });
    expect(names).toEqual(
      ALL.filter((name) => !expected.includes(name)).toSorted(),
    );
  });

  it('is nothing where include is empty, and all where exclude is', async () => {
    expect((await namesOf({ include: { tools: [] } })).names).toEqual([]);
    expect((await namesOf({ exclude: { tools: [] } })).names).toEqual(
      DECORATED.toSorted(),
    );
  });

  it('never holds what exclude names, whatever include says', async () => {
    const { names } = await namesOf({
      expose: 'all',
      include: { tools: ['dismiss', 'listAnimals'], tags: ['animals'] },
      exclude: { operations: ['listAnimals'], methods: ['PATCH', 'PUT'] },
    });
    expect(names).toEqual(
      ['adopt-animal.v1', 'animals_find_one', 'dismiss'].toSorted(),
    );
  });

  it('warns of each filter entry that matches nothing, naming it', async () => {
    const { names, warnings } = await namesOf({
      include: { tools: ['dismiss', 'dismis'], tags: ['anmials'] },
      exclude: { paths: ['/nowhere/*'], controllers: ['NoController'] },
    });
    expect(names).toEqual(['dismiss']);
    const text = warnings.join('\n');
    for (const entry of ['dismis"', 'anmials', '/nowhere/*', 'NoController']) {
      expect(text).toContain(entry);
    }
    expect(text).not.toContain('"dismiss"');
  });

  it('is said at start-up, with its size; nothing at all is a warning', async () => {
    const booted = await bootApp(zoo(), 'express');
    expect(booted.logger.of('log').join('\n')).toMatch(/7 tools.*\d+ tokens/);
    await booted.close();
    const small = await bootApp(
      zoo({ limits: { maxListTokens: 10 } }),
      'express',
    );
    expect(small.logger.of('warn').join('\n')).toMatch(/maxListTokens/);
    await small.close();
    const { warnings } = await namesOf({ include: { tools: [] } });
    expect(warnings.join('\n')).toMatch(/no tool/);
  });

  describe.each(ADAPTERS)('on %s', (adapter) => {
    it('can be called, and what a filter takes out cannot', async () => {
      const booted = await bootApp(
        zoo({ expose: 'all', exclude: { tools: ['plain_read'] } }),
        adapter,
      );
      try {
        const endpoint = `${booted.url}/mcp`;
        expect(
          (await callTool(endpoint, 'dismiss', { id: '3' })).structuredContent,
        ).toEqual({ removed: '3' });
        for (const era of ERAS) {
          for (const name of [
            'plain_read',
            'vault_open',
            'keepers_secret',
            'animals_remove',
            'no_such_tool',
          ]) {
            const answer = await rpc(endpoint, era, 'tools/call', {
              name,
              arguments: {},
            });
            expect(answer.response?.error?.code).toBe(-32602);
            expect(answer.response?.error?.message).toContain(name);
          }
        }
      } finally {
        await booted.close();
      }
    });
  });
});

describe('what a client is told of a tool', () => {
  let booted: BootedApp;

  beforeAll(async () => {
    booted = await bootApp(zoo({ expose: 'all' }), 'express');
  });
  afterAll(() => booted?.close());

  const tool = async (name: string) =>
    (await listTools(`${booted.url}/mcp`)).find((t) => t.name === name);

  it('is what @McpTool() says', async () => {
    expect(await tool('adopt-animal.v1')).toMatchObject({
      title: 'Adopt',
      description: 'Takes an animal in',
      icons: [{ src: 'https://example.com/icon.png', mimeType: 'image/png' }],
      _meta: { 'example.com/cost': 3 },
    });
  });

  it('is else what @ApiOperation() says, else method and path', async () => {
    const described = (await tool('animals_find_one'))?.description;
    expect(described).toContain('One animal');
    expect(described).toContain('Looks an animal up by its number.');
    expect((await tool('plain_read'))?.description).toContain('GET /plain');
  });

  it.each([
    ['listAnimals', { readOnlyHint: true }],
    ['animals_replace', { readOnlyHint: false, idempotentHint: true }],
    ['keepers_replace', { idempotentHint: true, openWorldHint: false }],
    [
      'dismiss',
      { destructiveHint: true, idempotentHint: true, openWorldHint: false },
    ],
    ['adopt-animal.v1', { destructiveHint: false, openWorldHint: false }],
  ])('hints for %s what its HTTP method means', async (name, hints) => {
    expect((await tool(name))?.annotations).toMatchObject(hints);
  });

  it('marks no writing tool as read-only', async () => {
    for (const name of ['adopt-animal.v1', 'animals_change', 'dismiss']) {
      expect((await tool(name))?.annotations?.['readOnlyHint']).not.toBe(true);
    }
  });

  it('comes in an order that a restart does not change', async () => {
    const again = await bootApp(zoo({ expose: 'all' }), 'fastify');
    expect(await toolNames(`${again.url}/mcp`)).toEqual(
      await toolNames(`${booted.url}/mcp`),
    );
    await again.close();
  });
});

describe('descriptions of responses', () => {
  const describedBy = async (options: McpModuleOptions): Promise<string> => {
    const booted = await bootApp(zoo(options), 'express');
    try {
      const [tool] = (await listTools(`${booted.url}/mcp`)).filter(
        ({ name }) => name === 'animals_find_one',
      );
      return tool?.description ?? '';
    } finally {
      await booted.close();
    }
  };

  it('name the success alone by default', async () => {
    const text = await describedBy({});
    expect(text).not.toContain('404');
    expect(text).not.toContain('"type"');
  });

  it('name every response with describeAllResponses', async () => {
    const text = await describedBy({ describeAllResponses: true });
    expect(text.match(/\b200\b/g)).toHaveLength(1);
    expect(text.match(/\b404\b/g)).toHaveLength(1);
    expect(text).toContain('No such animal');
  });

  it('carry the schema with describeFullResponseSchema', async () => {
    const text = await describedBy({ describeFullResponseSchema: true });
    expect(text).toContain('"type"');
    expect(text).toContain('"name"');
    expect(text).not.toContain('reason');
  });

  it('carry every schema with both', async () => {
    const text = await describedBy({
      describeAllResponses: true,
      describeFullResponseSchema: true,
    });
    expect(text).toContain('reason');
  });
});

describe('output schemas', () => {
  it.each(ADAPTERS)(
    'are a promise that is kept or reported (%s)',
    async (adapter) => {
      const booted = await bootApp(zoo({ outputSchema: 'strict' }), adapter);
      const endpoint = `${booted.url}/mcp`;
      try {
        const tool = (await listTools(endpoint)).find(
          ({ name }) => name === 'animals_find_one',
        );
        expect(tool?.outputSchema).toMatchObject({
          type: 'object',
          properties: { id: { type: 'integer' }, name: { type: 'string' } },
        });
        const kept = await callTool(endpoint, 'animals_find_one', { id: '1' });
        expect(kept.isError).toBe(false);
        expect(kept.structuredContent).toEqual({ id: 1, name: 'Tom' });
        const broken = await callTool(endpoint, 'animals_find_one', {
          id: '13',
        });
        expect(broken.isError).toBe(true);
        expect(broken.text).toMatch(/id|name/);
        expect(
          [...booted.logger.of('error'), ...booted.logger.of('warn')].join(
            '\n',
          ),
        ).toContain('animals_find_one');
      } finally {
        await booted.close();
      }
    },
  );

  it('are absent by default, where the structured content is sent all the same', async () => {
    const booted = await bootApp(zoo(), 'express');
    const endpoint = `${booted.url}/mcp`;
    const tools = await listTools(endpoint);
    expect(tools.every((tool) => tool.outputSchema === undefined)).toBe(true);
    const result = await callTool(endpoint, 'animals_find_one', { id: '13' });
    expect(result.structuredContent).toEqual({ id: 'thirteen' });
    await booted.close();
  });
});

describe('the endpoint itself', () => {
  it('is never a tool, and not in the Swagger document', async () => {
    @Module({
      imports: [
        McpModule.forRoot({ name: 'one', expose: 'all' }),
        McpModule.forRoot({ name: 'two', path: '/two', expose: 'all' }),
        StaffModule,
      ],
    })
    class App {}
    let document: { paths: object } = { paths: {} };
    const booted = await bootApp(App, 'express', {
      configure: (app) => {
        document = SwaggerModule.createDocument(
          app,
          new DocumentBuilder().build(),
        );
      },
    });
    for (const path of ['/mcp', '/two']) {
      expect(await toolNames(`${booted.url}${path}`)).toEqual([
        'dismiss',
        'keepers_internal',
        'keepers_list',
        'keepers_replace',
        'plain_read',
      ]);
    }
    await booted.close();
    const paths = Object.keys(document.paths);
    expect(paths).toContain('/keepers');
    expect(paths.filter((path) => /mcp|two/.test(path))).toEqual([]);
  });

  it('writes compact JSON', async () => {
    const booted = await bootApp(zoo({}), 'express');
    const result = await callTool(`${booted.url}/mcp`, 'dismiss', {
      id: 'ä',
    });
    expect(result.text).toBe('{"removed":"ä"}');
    await booted.close();
  });
});
