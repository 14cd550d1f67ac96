import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  Ip,
  Param,
  ParseArrayPipe,
  ParseFilePipe,
  ParseIntPipe,
  Post,
  Put,
  Query,
  Req,
  UploadedFile,
  UploadedFiles,
  UseInterceptors,
  UsePipes,
  type PipeTransform,
} from '@nestjs/common';
import {
  FileFieldsInterceptor,
  FileInterceptor,
  FilesInterceptor,
} from '@nestjs/platform-express';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  getSchemaPath,
} from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, ValidateNested } from 'class-validator';
import * as v from 'valibot';
import { type } from 'arktype';
import { z } from 'zod';
import { controllerWith } from '../../../test/support/handler.js';
import { inputOf } from '../../../test/support/input-of.js';
import { loadSchemaReader } from '../sources/schema.loader.js';
import {
  SchemaReader,
  warnOfUnknownArguments,
} from '../sources/schema-reader.js';

class Note {
  @IsString() text!: string;
  @IsOptional() @IsInt() id?: number;
}
class Tree {
  @ValidateNested({ each: true }) @Type(() => Tree) children!: Tree[];
}
class Undecorated {
  a!: string;
}
class SchemaPipe implements PipeTransform {
  constructor(readonly schema: unknown) {}
  transform(value: unknown): unknown {
    return value;
  }
}
const FILE = {
  type: 'object',
  properties: {
    name: expect.objectContaining({ type: 'string' }),
    mimeType: expect.objectContaining({ type: 'string' }),
    data: expect.objectContaining({
      type: 'string',
      contentEncoding: 'base64',
    }),
  },
  required: ['name', 'data'],
  additionalProperties: false,
};
const bodyOf = async (
  decorator: ParameterDecorator,
  type?: unknown,
  decorators: MethodDecorator[] = [],
) => inputOf(controllerWith([{ decorator, type }], { decorators }), 'run');

describe('a route without parameters', () => {
  it('has exactly the empty closed object', async () => {
    @Controller()
    class C {
      @Get() none() {}
      @Get('r') request(@Req() _request: object, @Ip() _ip: string) {}
    }
    const empty = {
      schema: { type: 'object', additionalProperties: false },
      bindings: [],
      openBody: false,
      bodyEncoding: 'none',
      warnings: [],
    };
    expect(await inputOf(C, 'none')).toEqual(empty);
    expect(await inputOf(C, 'request')).toEqual(empty);
  });
});

describe('names', () => {
  it('a clash renames the later value in path, query, header, body order, and loses none', async () => {
    @Controller()
    class C {
      @Put(':id')
      put(
        @Body() _note: Note,
        @Body('body_id') _taken: string,
        @Headers('id') _header: string,
        @Query('id') _query: string,
        @Param('id') _id: string,
      ) {}
    }
    const { bindings, schema } = await inputOf(C, 'put');
    expect(bindings).toEqual([
      { argument: 'id', source: 'path', field: 'id' },
      { argument: 'query_id', source: 'query', field: 'id' },
      { argument: 'header_id', source: 'header', field: 'id' },
      { argument: 'text', source: 'body', field: 'text' },
      { argument: 'body_id_2', source: 'body', field: 'id' },
      { argument: 'body_id', source: 'body', field: 'body_id' },
    ]);
    expect(Object.keys(schema['properties'] as object)).toEqual(
      bindings.map(({ argument }) => argument),
    );
    expect(schema['required']).toEqual(['id', 'text']);
  });

  it('hold only characters that model providers accept', async () => {
    const { bindings } = await bodyOf(Query('tags[]'), Array);
    expect(bindings).toEqual([
      { argument: 'tags', source: 'query', field: 'tags[]' },
    ]);
  });

  it('one value read twice is one argument', async () => {
    @Controller()
    class C {
      @Get(':id')
      get(@Param('id', ParseIntPipe) _id: number, @Param('id') _raw: string) {}
    }
    const { schema } = await inputOf(C, 'get');
    expect(schema['properties']).toEqual({ id: { type: 'integer' } });
  });

  it('`constructor` is a name like any other, `__proto__` loses its underscores', async () => {
    const proto = await bodyOf(Body('__proto__'), String);
    expect(proto.bindings).toEqual([
      { argument: 'proto', source: 'body', field: '__proto__' },
    ]);
    const other = await bodyOf(Query('constructor'), String);
    expect(other.schema['properties']).toEqual({
      constructor: { type: 'string' },
    });
  });
});

describe('body', () => {
  it.each([
    [
      'an array',
      Body(new ParseArrayPipe({ items: Note })),
      Array,
      { type: 'array', items: { $ref: '#/$defs/Note' } },
    ],
    ['an array of unknown', Body(), Array, { type: 'array', items: {} }],
    ['a scalar', Body(), Number, { type: 'number' }],
    [
      'unknown',
      Body(),
      Object,
      { anyOf: [{ type: 'object' }, { type: 'array', items: {} }] },
    ],
    [
      'a map of Zod',
      Body({ schema: z.record(z.string(), z.number()) }),
      Object,
      {
        type: 'object',
        additionalProperties: { type: 'number' },
        propertyNames: { type: 'string' },
      },
    ],
    [
      'a union of Zod',
      Body({
        schema: z.union([
          z.object({ a: z.string() }),
          z.object({ b: z.string() }),
        ]),
      }),
      Object,
      { anyOf: [expect.anything(), expect.anything()] },
    ],
  ])('that is %s goes under `body`', async (_, decorator, type, expected) => {
    const { schema, bindings, openBody, bodyEncoding } = await bodyOf(
      decorator,
      type,
    );
    expect(schema['properties']).toEqual({ body: expected });
    expect(schema['required']).toEqual(['body']);
    expect(bindings).toEqual([
      { argument: 'body', source: 'body', field: undefined },
    ]);
    expect(openBody).toBe(false);
    expect(bodyEncoding).toBe('json');
  });

  it('that is a class without metadata has the form of one that has some, and a warning', async () => {
    const { schema, bindings, openBody, warnings } = await bodyOf(
      Body(),
      Undecorated,
    );
    expect(schema).toEqual({ type: 'object', additionalProperties: true });
    expect(bindings).toEqual([]);
    expect(openBody).toBe(true);
    expect(warnings).toEqual([
      expect.stringMatching(
        /^TableController\.run reads its whole body as Undecorated, a class without metadata.*decorate its properties/,
      ),
    ]);
  });

  it('that is a DTO whose decorators cannot be read is warned of once, by the package to install', async () => {
    const { swagger, classValidator } = await loadSchemaReader();
    const sources = new SchemaReader({
      ...(swagger && { swagger }),
      ...(classValidator && { classValidator }),
    });
    const warnings: string[] = [];
    const read = async (decorator: ParameterDecorator): Promise<void> => {
      const controller = controllerWith([{ decorator, type: Note }]);
      warnings.push(
        ...(await inputOf(controller, 'run', { sources })).warnings,
      );
    };
    for (const decorator of [Body(), Body('note'), Query()]) {
      await read(decorator);
    }
    warnOfUnknownArguments(
      Note,
      { sources, warn: (message) => warnings.push(message) },
      'Notes.add',
      'an inputSchema',
    );
    expect(warnings).toEqual([
      expect.stringMatching(/^Note .*install class-validator-jsonschema/),
    ]);
  });

  it.each([
    ['an untyped one', Object],
    ['a class without metadata', Undecorated],
  ])(
    'beside %s takes the fields of its DTO and any other, with a warning',
    async (_, type) => {
      const { schema, openBody, warnings } = await inputOf(
        controllerWith([
          { decorator: Body(), type: Note },
          { decorator: Body(), type },
        ]),
        'run',
      );
      expect(Object.keys(schema['properties'] ?? {})).toEqual(['text', 'id']);
      expect(schema['additionalProperties']).toBe(true);
      expect(openBody).toBe(true);
      expect(warnings).toEqual([
        expect.stringMatching(/^TableController\.run reads its whole body/),
      ]);
    },
  );

  it.each([
    ['an interface', Object, /type it with a DTO class/],
    ['a type that was not written down', undefined, /emitDecoratorMetadata/],
  ])('that is %s comes with a warning', async (_, type, remedy) => {
    const { warnings } = await bodyOf(Body(), type as never);
    expect(warnings).toEqual([
      expect.stringMatching(/^TableController\.run reads its whole body/),
    ]);
    expect(warnings[0]).toMatch(remedy);
  });

  it.each([
    ['an interface', Object, /without a class .*type it with a DTO class/, {}],
    [
      'a type that was not written down',
      undefined,
      /wrote down no type for it: set "emitDecoratorMetadata"/,
      {},
    ],
    [
      'a class without metadata',
      Undecorated,
      /as Undecorated, a class without metadata/,
      { type: 'object' },
    ],
    [
      'a list',
      Array,
      /as an array, .*@Body\('article', new ParseArrayPipe/,
      { type: 'array', items: {} },
    ],
  ])(
    'of which a field is %s comes with a warning that names it',
    async (_, type, message, expected) => {
      const { schema, warnings } = await bodyOf(Body('article'), type as never);
      expect(schema['properties']).toEqual({ article: expected });
      expect(warnings).toEqual([
        expect.stringMatching(
          /^TableController\.run reads "article" of its body/,
        ),
      ]);
      expect(warnings[0]).toMatch(message);
    },
  );

  it('of which a field has a type, a pipe, a Standard Schema or documentation comes without one', async () => {
    for (const [decorator, type, more] of [
      [Body('article'), String],
      [Body('article', ParseIntPipe), Object],
      [Body('article', { schema: z.any() }), Object],
      [
        Body('article'),
        Object,
        ApiBody({
          schema: {
            type: 'object',
            properties: { article: { type: 'object' } },
          },
        }),
      ],
    ] as [ParameterDecorator, unknown, MethodDecorator?][]) {
      const { warnings } = await bodyOf(
        decorator,
        type as never,
        more && [more],
      );
      expect(warnings).toEqual([]);
    }
  });

  it('that is a union by @ApiBody goes under `body`', async () => {
    class Cat {
      @ApiProperty() meow!: string;
    }
    const { schema } = await bodyOf(Body(), Object, [
      ApiExtraModels(Cat),
      ApiBody({
        schema: {
          oneOf: [
            { $ref: getSchemaPath(Cat) },
            { $ref: getSchemaPath('Nowhere') },
          ],
          discriminator: { propertyName: 'kind' },
        },
      }),
    ]);
    expect(schema['properties']).toEqual({
      body: { oneOf: [{ $ref: '#/$defs/Cat' }, {}] },
    });
  });

  it('that refers to itself is flat at the top only', async () => {
    const { schema } = await bodyOf(Body(), Tree);
    const children = { type: 'array', items: { $ref: '#/$defs/Tree' } };
    expect(schema).toEqual({
      type: 'object',
      properties: { children },
      required: ['children'],
      additionalProperties: false,
      $defs: {
        Tree: {
          type: 'object',
          properties: { children },
          required: ['children'],
        },
      },
    });
  });

  it('that is open keeps the tool open', async () => {
    const open = await bodyOf(
      Body({ schema: z.looseObject({ a: z.string() }) }),
      Object,
    );
    expect(open.openBody).toBe(true);
    expect(open.schema['additionalProperties']).toEqual({});
    const typed = await bodyOf(Body(), Object, [
      ApiBody({
        schema: {
          type: 'object',
          properties: { a: { type: 'string' } },
          additionalProperties: { type: 'integer' },
        },
      }),
    ]);
    expect(typed.openBody).toBe(true);
    expect(typed.schema['additionalProperties']).toEqual({ type: 'integer' });
  });

  it('that is optional as a whole requires none of its properties', async () => {
    class Plain {
      @ApiProperty() text!: string;
    }
    const documented = await bodyOf(Body(), Plain, [
      ApiBody({ type: Plain, required: false }),
    ]);
    expect(documented.schema['required']).toBeUndefined();
    const validated = await bodyOf(Body(), Note, [
      ApiBody({ type: Note, required: false }),
    ]);
    expect(validated.schema['required']).toEqual(['text']);
    const zod = await bodyOf(
      Body({ schema: z.object({ a: z.string() }).optional() }),
      Object,
    );
    expect(zod.schema['required']).toBeUndefined();
  });

  it('keeps the class of the parameter when @ApiBody only describes it', async () => {
    const { schema } = await bodyOf(Body(), Note, [
      ApiBody({ description: 'a note' }),
    ]);
    expect(schema['properties']).toEqual({
      text: { type: 'string' },
      id: { type: 'integer' },
    });
  });

  it('merges @ApiBody with the class of the parameter', async () => {
    const { schema } = await bodyOf(Body(), Note, [
      ApiBody({
        schema: {
          type: 'object',
          properties: { text: { description: 'd' }, more: { type: 'boolean' } },
          required: ['more'],
        },
      }),
    ]);
    expect(schema['properties']).toEqual({
      text: { type: 'string', description: 'd' },
      id: { type: 'integer' },
      more: { type: 'boolean' },
    });
    expect(schema['required']).toEqual(['more']);
  });

  it('takes a schema from a pipe of the parameter or of the method', async () => {
    const schema = z.object({ a: z.string() });
    const own = await bodyOf(Body(new SchemaPipe(schema)), Object);
    expect(own.schema['properties']).toEqual({ a: { type: 'string' } });
    @Controller()
    class C {
      @Put(':id')
      @UsePipes(new SchemaPipe(schema))
      put(@Param('id') _id: string, @Body() _body: object) {}
    }
    expect((await inputOf(C, 'put')).schema['properties']).toEqual({
      id: { type: 'string' },
      a: { type: 'string' },
    });
  });

  it('takes ArkType, and a recursive Zod schema', async () => {
    const ark = await bodyOf(
      Body({ schema: type({ a: 'string', 'b?': 'number>1' }) as never }),
      Object,
    );
    expect(ark.schema['properties']).toEqual({
      a: { type: 'string' },
      b: { type: 'number', exclusiveMinimum: 1 },
    });
    const Category = z.object({
      name: z.string(),
      pair: z.tuple([z.string(), z.number()]),
      mixed: z.union([z.string(), z.number()]).nullable(),
      get parent() {
        return z.optional(Category);
      },
    });
    const zod = await bodyOf(Body({ schema: Category }), Object);
    expect(zod.schema['properties']).toMatchObject({
      mixed: {
        anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'null' }],
      },
      parent: { $ref: '#/$defs/Schema' },
    });
  });

  it('allows any value, and names route, library and remedy, for a schema that cannot describe itself', async () => {
    const { schema, warnings } = await bodyOf(
      Body({ schema: v.object({ a: v.string() }) as never }),
      Object,
    );
    expect(schema['properties']).toEqual({ body: {} });
    expect(warnings).toEqual([
      expect.stringMatching(
        /TableController\.run.*valibot.*@valibot\/to-json-schema/,
      ),
    ]);
  });

  it('is urlencoded or multipart if the route consumes nothing else', async () => {
    const form = 'application/x-www-form-urlencoded';
    const encoding = async (...types: string[]) =>
      (await bodyOf(Body(), Note, [ApiConsumes(...types)])).bodyEncoding;
    expect(await encoding(form)).toBe('urlencoded');
    expect(await encoding('multipart/form-data')).toBe('multipart');
    expect(await encoding(form, 'application/json')).toBe('json');
  });
});

describe('files', () => {
  @Controller()
  class Uploads {
    @Post('plain')
    plain(@UploadedFile() _file: object, @Body('title') _title: string) {}

    @Post('list')
    list(@UploadedFiles() _files: object[]) {}

    @Post('intercepted')
    @UseInterceptors(FileInterceptor('avatar'))
    intercepted(@UploadedFile(new ParseFilePipe()) _file: object) {}

    @Post('several')
    @UseInterceptors(FilesInterceptor('photos'))
    several(@UploadedFiles() _files: object[]) {}

    @Post('fields')
    @UseInterceptors(
      FileFieldsInterceptor([{ name: 'cv', maxCount: 1 }, { name: 'extra' }]),
    )
    fields(@UploadedFiles() _files: object) {}

    @Post('documented')
    @ApiConsumes('multipart/form-data')
    @ApiBody({
      schema: {
        type: 'object',
        properties: {
          picture: { type: 'string', format: 'binary', description: 'a PNG' },
          others: {
            type: 'array',
            items: { type: 'string', format: 'binary' },
          },
          caption: { type: 'string' },
        },
        required: ['picture'],
      },
    })
    documented(@UploadedFile() _file: object, @Body() _body: object) {}
  }

  it.each([
    ['plain', { file: FILE, title: { type: 'string' } }, undefined],
    ['list', { files: { type: 'array', items: FILE } }, undefined],
    ['intercepted', { avatar: FILE }, ['avatar']],
    ['several', { photos: { type: 'array', items: FILE } }, undefined],
    ['fields', { cv: FILE, extra: { type: 'array', items: FILE } }, undefined],
    [
      'documented',
      {
        picture: { ...FILE, description: 'a PNG' },
        others: { type: 'array', items: FILE },
        caption: { type: 'string' },
      },
      ['picture'],
    ],
  ] as const)('%s', async (method, properties, required) => {
    const { schema, bindings, bodyEncoding } = await inputOf(Uploads, method);
    expect(schema['properties']).toEqual(properties);
    expect(schema['required']).toEqual(required);
    expect(bodyEncoding).toBe('multipart');
    for (const { argument, source } of bindings) {
      const given = (properties as Record<string, unknown>)[argument];
      expect(source).toBe(
        (given as { type: string }).type === 'array'
          ? 'files'
          : (given as object) && 'properties' in (given as object)
            ? 'file'
            : 'body',
      );
    }
  });
});

describe('an explicit input schema', () => {
  @Controller()
  class C {
    @Put(':id')
    put(
      @Param('id') _id: string,
      @Query('dry') _dry: string,
      @Headers('X-Tenant') _tenant: string,
      @Body() _note: Note,
    ) {}

    @Delete(':id') remove(@Param('id') _id: string, @Query() _q: object) {}
    @Post('list') list(@Body() _ids: string[]) {}
  }

  it('is kept to the letter, and each property goes where the route has its name', async () => {
    const explicit = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      type: 'object',
      'x-own': 1,
      properties: {
        id: { type: 'integer', format: 'made-up' },
        dry: { type: 'boolean' },
        'x-tenant': { type: 'string' },
        body_id: { type: 'integer' },
        text: { type: 'string' },
        other: { type: 'string' },
      },
      additionalProperties: false,
    } as const;
    const { schema, bindings, openBody, bodyEncoding } = await inputOf(
      C,
      'put',
      { explicit },
    );
    expect(schema).toBe(explicit);
    expect(bindings).toEqual([
      { argument: 'id', source: 'path', field: 'id' },
      { argument: 'dry', source: 'query', field: 'dry' },
      { argument: 'x-tenant', source: 'header', field: 'X-Tenant' },
      { argument: 'body_id', source: 'body', field: 'id' },
      { argument: 'text', source: 'body', field: 'text' },
      { argument: 'other', source: 'body', field: 'other' },
    ]);
    expect(openBody).toBe(false);
    expect(bodyEncoding).toBe('json');
  });

  it('sends the rest to the query where the route has no body', async () => {
    const { bindings, bodyEncoding } = await inputOf(C, 'remove', {
      explicit: {
        type: 'object',
        properties: { id: {}, tags: { $ref: '#/$defs/Tags' } },
        $defs: { Tags: { type: 'array' } },
      },
    });
    expect(bindings).toEqual([
      { argument: 'id', source: 'path', field: 'id' },
      { argument: 'tags', source: 'query', field: 'tags' },
    ]);
    expect(bodyEncoding).toBe('none');
  });

  it('may be a DTO class or a Standard Schema, which are closed', async () => {
    const zod = await inputOf(C, 'list', {
      explicit: z.object({ body: z.array(z.string()) }),
    });
    expect(zod.schema['additionalProperties']).toBe(false);
    expect(zod.bindings).toEqual([
      { argument: 'body', source: 'body', field: undefined },
    ]);
    class Dto {
      @ApiPropertyOptional() text?: string;
      @ApiProperty() id!: number;
    }
    const dto = await inputOf(C, 'put', { explicit: Dto });
    expect(dto.schema).toEqual({
      type: 'object',
      properties: { text: { type: 'string' }, id: { type: 'number' } },
      required: ['id'],
      additionalProperties: false,
    });
  });

  it('is refused, with route and remedy, unless its root is an object', async () => {
    await expect(
      inputOf(C, 'list', { explicit: { type: 'array' } }),
    ).rejects.toThrow(/C\.list.*type: "object".*under a property/);
  });

  it('is refused without a property for each path parameter', async () => {
    await expect(
      inputOf(C, 'put', { explicit: { type: 'object', properties: {} } }),
    ).rejects.toThrow(/C\.put.*`id`/);
  });
});

describe('a body that is a list', () => {
  it('has items of the class that ParseArrayPipe names', async () => {
    const { schema, warnings } = await bodyOf(
      Body(new ParseArrayPipe({ items: Note })),
      Array,
    );
    expect(schema.properties).toMatchObject({ body: { type: 'array' } });
    expect(JSON.stringify(schema)).toContain('"text"');
    expect(warnings).toEqual([]);
  });

  it('is taken with any items where nothing tells them, with a warning', async () => {
    const { schema, warnings } = await bodyOf(Body(), Array);
    expect(schema.properties).toEqual({ body: { type: 'array', items: {} } });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^TableController\.run reads its whole body as an array, .*ParseArrayPipe/,
      ),
    ]);
  });

  it('has the items that @ApiBody() documents', async () => {
    const { warnings } = await bodyOf(Body(), Array, [
      ApiBody({ type: Note, isArray: true }),
    ]);
    expect(warnings).toEqual([]);
  });
});
