import {
  Controller,
  Get,
  Module,
  Param,
  ValidationPipe,
  type Type,
} from '@nestjs/common';
import { McpModule } from '../../lib/index.js';
import {
  AllController,
  BodiesController,
  BrokenController,
  constructed,
  DefaultsController,
  ListsController,
  NullsController,
  RulesController,
  StandardController,
  stubbornAllowed,
  TextsController,
  UnknownController,
  WordsController,
} from '../fixtures/arguments/controllers.js';
import { ADAPTERS, type AdapterName } from '../support/adapters.js';
import { bootApp, type BootedApp } from '../support/boot-app.js';
import { callTool, listTools, type ListedTool } from '../support/call-tool.js';
import { ERAS } from '../support/json-rpc.js';

@Controller('opt')
class OptionalOnExpress {
  @Get('segment{/:sub}')
  segment(@Param('sub') sub?: string): object {
    return { sub: sub ?? 'none' };
  }
}
@Controller('opt')
class OptionalOnFastify {
  @Get('segment/:sub?')
  segment(@Param('sub') sub?: string): object {
    return { sub: sub || 'none' };
  }
}

const moduleFor = (adapter: AdapterName): Type => {
  @Module({
    imports: [McpModule.forRoot({ name: 'arguments', expose: 'all' })],
    controllers: [
      AllController,
      BodiesController,
      BrokenController,
      DefaultsController,
      ListsController,
      NullsController,
      StandardController,
      TextsController,
      UnknownController,
      WordsController,
      adapter === 'fastify' ? OptionalOnFastify : OptionalOnExpress,
    ],
  })
  class ArgumentsModule {}
  return ArgumentsModule;
};

/** The tool whose path has an optional segment, in the syntax of the adapter. */
const OPTIONAL: Record<AdapterName, string> = {
  express: 'optional_on_express_segment',
  fastify: 'optional_on_fastify_segment',
  node: 'optional_on_express_segment',
};

describe.each(ADAPTERS)('arguments on %s', (adapter) => {
  let booted: BootedApp;
  let tools: ReadonlyMap<string, ListedTool>;
  let warnings: readonly string[];

  beforeAll(async () => {
    booted = await bootApp(moduleFor(adapter), adapter, {
      configure: (app) => {
        app.useGlobalPipes(new ValidationPipe({ transform: true }));
      },
    });
    tools = new Map(
      (await listTools(`${booted.url}/mcp`)).map((tool) => [tool.name, tool]),
    );
    warnings = booted.logger.of('warn');
  });
  afterAll(() => booted?.close());

  const schemaOf = (name: string): ListedTool['inputSchema'] => {
    const tool = tools.get(name);
    if (!tool) throw new Error(`no tool ${name}`);
    return tool.inputSchema;
  };
  const propertyOf = (name: string, property: string): unknown =>
    schemaOf(name).properties?.[property];
  const call = async (
    name: string,
    args: Record<string, unknown> = {},
  ): Promise<unknown> => {
    const result = await callTool(`${booted.url}/mcp`, name, args);
    return result.isError ? result.text : result.structuredContent;
  };
  const warningsOf = (route: string): string[] =>
    warnings.filter((line) => line.includes(route));

  describe('of two whole parameters', () => {
    it('are those of both bodies, a common name being one argument', async () => {
      expect(schemaOf('bodies_two')).toEqual({
        type: 'object',
        properties: {
          pageId: { type: 'string' },
          shared: { type: 'string', minLength: 2 },
          limit: { type: 'integer', minimum: 1 },
          cursor: { type: 'string' },
        },
        required: ['pageId', 'shared', 'limit'],
        additionalProperties: false,
      });
      const args = { pageId: 'p', shared: 'both', limit: 3 };
      expect(await call('bodies_two', args)).toEqual({
        dto: args,
        paging: args,
      });
    });

    it('are those of both where one of them has a pipe', async () => {
      const args = { pageId: 'p', shared: 'both', limit: 3 };
      expect(await call('bodies_piped', args)).toEqual({
        isDto: true,
        paging: args,
      });
    });

    it('are those of both queries and both header objects', async () => {
      const query = { text: 'a', page: 2 };
      expect(await call('bodies_queries', query)).toMatchObject({
        filter: { text: 'a' },
        page: { page: 2 },
      });
      expect(
        await call('bodies_headers', { 'x-tenant': 't', 'x-region': 'r' }),
      ).toEqual({ tenant: 't', region: 'r' });
    });
  });

  describe('with an initial value', () => {
    it('are not required, and advertise it', async () => {
      const { properties, required, $defs } = schemaOf('defaults_listing');
      expect(required).toEqual(['declared', 'doubled']);
      expect(properties).toMatchObject({
        page: { type: 'integer', default: 1 },
        size: { default: 20 },
        depth: { default: 3 },
        tags: { default: ['a'] },
      });
      // Neither a date nor a map is JSON, and what looks like a secret is kept.
      for (const name of ['since', 'lookup', 'token', 'declared', 'sorting']) {
        expect(properties?.[name]).not.toHaveProperty('default');
      }
      expect($defs).toMatchObject({
        Sorting: {
          properties: { by: { default: 'name' }, level: { default: 2 } },
        },
      });
      expect(JSON.stringify($defs)).not.toContain('required');
    });

    it('are left to the class where they are left out', async () => {
      expect(
        await call('defaults_listing', { declared: 'd', doubled: 2 }),
      ).toEqual({
        page: 1,
        size: 20,
        depth: 3,
        tags: ['a'],
        declared: 'd',
        sorting: { by: 'name', level: 2 },
      });
    });

    it('are found in heirs and mapped types', async () => {
      expect(propertyOf('defaults_deeper', 'deep')).toMatchObject({
        default: false,
      });
      expect(propertyOf('defaults_deeper', 'page')).toMatchObject({
        default: 1,
      });
      expect(schemaOf('defaults_picked')['required']).toEqual(['declared']);
      expect(await call('defaults_picked', { declared: 'd' })).toEqual({
        page: 1,
        declared: 'd',
      });
      expect(schemaOf('defaults_partial')['required']).toBeUndefined();
    });

    it('are read from one instance of each class', () => {
      expect(propertyOf('defaults_counted', 'n')).toMatchObject({ default: 5 });
      expect(propertyOf('defaults_counted_too', 'n')).toMatchObject({
        default: 5,
      });
      // Both adapters boot in this process; the class is known by then.
      expect(constructed).toBe(1);
    });

    it('are unknown where the constructor throws, and the application starts', async () => {
      expect(schemaOf('defaults_stubborn')['required']).toEqual(['n']);
      stubbornAllowed.now = true;
      expect(await call('defaults_stubborn', { n: 1 })).toEqual({ n: 1 });
      stubbornAllowed.now = false;
    });
  });

  it('of optional path segments are not required', async () => {
    expect(schemaOf(OPTIONAL[adapter])).toEqual({
      type: 'object',
      properties: { sub: { type: 'string' } },
      additionalProperties: false,
    });
    const name = OPTIONAL[adapter];
    expect(await call(name)).toEqual({ sub: 'none' });
    expect(await call(name, { sub: 'x' })).toEqual({ sub: 'x' });
    expect(await call(name, { sub: null })).toEqual({ sub: 'none' });
  });

  describe('that are lists or objects of the query', () => {
    it.each([[[]], [['a']], [['a', 'b']]])(
      'arrive as they are under the default parser: %j',
      async (tags) => {
        expect(await call('lists_dto', { tags, other: 'o' })).toEqual({
          tags,
          other: 'o',
        });
        expect(await call('lists_plain', { tags, q: 'q' })).toEqual({
          tags,
          q: 'q',
        });
      },
    );

    it('arrive nested on a flat parser', async () => {
      const range = { from: 'x', of: ['y'] };
      expect(await call('lists_dto', { range, tags: ['a'] })).toEqual({
        range,
        tags: ['a'],
      });
    });

    it('reach pipes that split text', async () => {
      expect(await call('lists_numbers', { ids: [1] })).toEqual({ ids: [1] });
      expect(await call('lists_numbers', { ids: [1, 2] })).toEqual({
        ids: [1, 2],
      });
    });

    it('do not leak into other requests', async () => {
      const [tool, http] = await Promise.all([
        call('lists_plain', { tags: ['a'] }),
        fetch(`${booted.url}/lists/plain?tags=b`).then((each) => each.json()),
      ]);
      expect(tool).toEqual({ tags: ['a'] });
      expect(http).toEqual({ tags: 'b' });
    });

    it('are joined as documented', async () => {
      expect(
        await call('lists_joined', {
          form: ['a', 'b c'],
          spaced: ['x', 'y'],
          piped: [1, 2],
        }),
      ).toEqual({ form: 'a,b c', spaced: 'x y', piped: '1|2' });
      expect(await call('lists_joined', { form: ['a,b'] })).toMatch(
        /"form" has an element with ","/,
      );
    });

    it('are one value in a path', async () => {
      expect(
        await call('lists_in_path', { ids: [1, 2], codes: ['a', 'b'] }),
      ).toEqual({ ids: [1, 2], codes: 'a,b' });
      expect(await call('lists_in_path', { ids: [1], codes: ['a,b'] })).toMatch(
        /"codes" has an element with ","/,
      );
    });
  });

  describe('that are null', () => {
    it('count as not given where they are neither required nor nullable', async () => {
      expect(schemaOf('nulls_body').properties).toMatchObject({
        a: { type: 'string' },
        b: { type: 'string' },
        c: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        inner: { $ref: '#/$defs/Optional' },
      });
      expect(schemaOf('nulls_body')['required']).toBeUndefined();
      expect(
        await call('nulls_body', {
          a: null,
          b: null,
          c: null,
          inner: { a: null, c: null },
          list: [{ b: null, c: 'c' }],
        }),
      ).toEqual({
        body: { c: null, inner: { c: null }, list: [{ c: 'c' }] },
      });
      expect(await call('nulls_query', { id: 'i', text: null })).toEqual({
        id: 'i',
        text: 'none',
      });
    });

    it('are refused where they are required', async () => {
      expect(await call('nulls_required', { pageId: null, shared: 's' })).toBe(
        'Invalid arguments: `pageId` must be a string',
      );
    });
  });

  describe('of the URL and headers', () => {
    it('are taken in every form that reads the same there', async () => {
      const wanted = { id: '4', n: 5, flag: true, word: 'false', shard: '7' };
      expect(
        await call('texts_path', {
          id: 4,
          n: '5',
          flag: 'true',
          word: false,
          'x-shard': 7,
        }),
      ).toEqual(wanted);
      expect(
        await call('texts_path', {
          id: '4',
          n: 5,
          flag: true,
          word: 'false',
          'x-shard': '7',
        }),
      ).toEqual(wanted);
    });

    it('are still held to their schema', async () => {
      expect(await call('texts_path', { id: true, n: 'five' })).toBe(
        'Invalid arguments: `n` must be an integer',
      );
      expect(await call('lists_dto', { tags: [1, true] })).toEqual({
        tags: ['1', 'true'],
      });
    });

    it('are sent as they were written', async () => {
      const id = '12345678901234567890';
      expect(await call('texts_big', { id })).toEqual({ id });
      expect(await call('texts_number', { id: '007' })).toEqual({ id: 7 });
    });

    it('have no such freedom in a body', async () => {
      expect(await call('texts_body', { limit: '3', shared: 12 })).toBe(
        'Invalid arguments: `limit` must be an integer; `shared` must be a string',
      );
    });
  });

  it.each(ERAS)('are all checked before one answer (%s)', async (era) => {
    const { text, isError } = await callTool(
      `${booted.url}/mcp`,
      'bodies_two',
      { limit: 0, cursor: 5, bogus: 1, shared: 'x' },
      { era },
    );
    expect(isError).toBe(true);
    expect(text.split('; ').toSorted()).toEqual([
      'Invalid arguments: `pageId` is required',
      '`bogus` is not an argument of this tool',
      '`cursor` must be a string',
      '`limit` must be >= 1',
      '`shared` must NOT have fewer than 2 characters',
    ]);
  });

  describe('of a Standard Schema', () => {
    it('that are dates are texts', async () => {
      expect(propertyOf('standard_dates', 'at')).toEqual({
        type: 'string',
        format: 'date-time',
      });
      expect(
        await call('standard_dates', { at: '2026-01-31T12:00:00.000Z' }),
      ).toEqual({ body: { at: '2026-01-31T12:00:00.000Z' } });
    });

    it('that cannot be described allow any value, with one warning', () => {
      expect(schemaOf('standard_odd').properties).toEqual({
        when: { type: 'string', format: 'date-time' },
        until: { type: 'string', format: 'date-time' },
        size: {},
        lookup: {},
      });
      expect(warningsOf('StandardController.odd')).toEqual([
        expect.stringMatching(
          /`lookup` \(map\).*`size` \(bigint\)|`size` \(bigint\).*`lookup` \(map\)/,
        ),
      ]);
    });

    it('that describes nothing are any body, with one warning', async () => {
      expect(await call('standard_mute', { body: { a: 'x' } })).toEqual({
        body: { a: 'x' },
      });
      expect(warningsOf('StandardController.mute')).toEqual([
        expect.stringContaining('@valibot/to-json-schema'),
      ]);
    });
  });

  it('that a package refuses to describe take their route out, and no more', async () => {
    expect(tools.has('broken_broken')).toBe(false);
    expect(warningsOf('BrokenController.broken')).toEqual([
      expect.stringMatching(/^.*POST \/broken.* is not exposed: /),
    ]);
    expect(await call('broken_fine')).toEqual({ fine: true });
  });

  describe('of a body that nobody described', () => {
    it('keep the form that they have once the class has decorators', async () => {
      expect(schemaOf('unknown_plain')).toEqual({
        type: 'object',
        additionalProperties: true,
      });
      const cat = { name: 'Tom', age: 3 };
      expect(await call('unknown_plain', cat)).toEqual({ cat });
      expect(warningsOf('UnknownController.plain')).toEqual([
        expect.stringMatching(/as PlainCat, a class without metadata/),
      ]);
    });

    it('are one object or list where there is no class', async () => {
      expect(schemaOf('unknown_like').properties).toEqual({
        body: { anyOf: [{ type: 'object' }, { type: 'array', items: {} }] },
      });
      expect(await call('unknown_like', { body: { name: 'T' } })).toEqual({
        cat: { name: 'T' },
      });
      expect(warningsOf('UnknownController.like')).toHaveLength(1);
    });

    it('are required where class-validator requires them', () => {
      expect(schemaOf('unknown_field')['required']).toEqual(['user']);
      expect(schemaOf('unknown_optional')['required']).toEqual(['name']);
    });
  });

  it('say what their decorators say', async () => {
    expect(schemaOf('words_words').properties).toEqual({
      loose: { type: 'string' },
      tight: { type: 'string', pattern: '^ab+c$' },
      one: { type: 'string', minLength: 6 },
      other: { type: 'string', minLength: 6 },
      any: { type: 'array', items: {} },
      users: { type: 'array', items: { $ref: '#/$defs/User' } },
      day: {
        type: 'string',
        description: expect.stringMatching(/^ISO 8601 date/),
      },
      url: { type: 'string', description: 'Home page (URL)' },
      level: {
        type: 'number',
        enum: [1, 2],
        description: '1 = Low, 2 = High',
      },
      never: { type: 'string' },
      count: { type: 'integer', minimum: 3, maximum: 9 },
    });
    expect(await call('words_words', { loose: 'ABBC' })).toEqual({
      words: { loose: 'ABBC' },
    });
  });
});

describe.each(ADAPTERS)('required arguments on %s', (adapter) => {
  const boot = async (pipe?: ValidationPipe): Promise<BootedApp> => {
    @Module({
      imports: [McpModule.forRoot({ name: 'rules', expose: 'all' })],
      controllers: [RulesController],
    })
    class RulesModule {}
    return bootApp(RulesModule, adapter, {
      configure: (app) => {
        if (pipe) app.useGlobalPipes(pipe);
      },
    });
  };
  const requiredBy = async ({ url }: BootedApp): Promise<object> =>
    Object.fromEntries(
      (await listTools(`${url}/mcp`)).map(({ name, inputSchema }) => [
        name.replace('rules_', ''),
        inputSchema.required?.toSorted() ?? [],
      ]),
    );

  it("are those of the groups and other options of a route's ValidationPipe", async () => {
    const booted = await boot();
    try {
      expect(await requiredBy(booted)).toEqual({
        create: ['mail', 'password'],
        update: ['id', 'mail'],
        patch: ['version'],
        expected: ['name', 'version'],
      });
      for (const [name, body] of [
        ['create', { password: 'p', mail: 'a@b.cd' }],
        ['update', { id: 1, mail: 'a@b.cd' }],
        ['patch', { version: 1 }],
        ['expected', { name: 'n', version: 1 }],
      ] as const) {
        const { structuredContent } = await callTool(
          `${booted.url}/mcp`,
          `rules_${name}`,
          body,
        );
        expect(structuredContent).toEqual({ body });
      }
    } finally {
      await booted.close();
    }
  });

  it('are those of all decorators where a global ValidationPipe obeys them all', async () => {
    const booted = await boot(new ValidationPipe());
    try {
      expect(await requiredBy(booted)).toMatchObject({
        create: ['id', 'mail', 'password'],
        patch: ['name', 'version'],
      });
    } finally {
      await booted.close();
    }
  });

  it('are those that a global ValidationPipe does not skip', async () => {
    const booted = await boot(
      new ValidationPipe({ skipMissingProperties: true, groups: ['create'] }),
    );
    try {
      expect(await requiredBy(booted)).toMatchObject({
        create: ['mail', 'password'],
        patch: ['version'],
      });
    } finally {
      await booted.close();
    }
  });
});
