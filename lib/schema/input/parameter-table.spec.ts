import {
  Body,
  DefaultValuePipe,
  Get,
  Headers,
  Param,
  ParseArrayPipe,
  ParseBoolPipe,
  ParseDatePipe,
  ParseEnumPipe,
  ParseFloatPipe,
  ParseIntPipe,
  ParseUUIDPipe,
  Post,
  Query,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import {
  ApiBody,
  ApiHeader,
  ApiParam,
  ApiProperty,
  ApiQuery,
} from '@nestjs/swagger';
import { IsInt, IsOptional, Max } from 'class-validator';
import { z } from 'zod';
import { controllerWith } from '../../../test/support/handler.js';
import { inputOf } from '../../../test/support/input-of.js';

enum Colour {
  Red = 'red',
  Blue = 'blue',
}
enum Level {
  Low,
  High = 5,
}
class CustomPipe implements PipeTransform {
  transform(value: unknown): unknown {
    return value;
  }
}

type Pipe = Type<PipeTransform> | PipeTransform;
interface Expected {
  readonly schema: unknown;
  readonly required: boolean;
}

/** What each pipe makes of a value whose design type is the given one. */
const pipes: [
  name: string,
  pipes: Pipe[],
  type: unknown,
  expected: Expected,
][] = [
  [
    'no pipe, String',
    [],
    String,
    { schema: { type: 'string' }, required: false },
  ],
  [
    'no pipe, Number',
    [],
    Number,
    { schema: { type: 'number' }, required: false },
  ],
  [
    'no pipe, Boolean',
    [],
    Boolean,
    { schema: { type: 'boolean' }, required: false },
  ],
  [
    'no pipe, Date',
    [],
    Date,
    { schema: { type: 'string', format: 'date-time' }, required: false },
  ],
  [
    'no pipe, BigInt',
    [],
    BigInt,
    { schema: { type: 'integer' }, required: false },
  ],
  [
    'a pipe of other make',
    [new CustomPipe()],
    String,
    { schema: { type: 'string' }, required: false },
  ],
  [
    'ParseIntPipe class',
    [ParseIntPipe],
    Number,
    { schema: { type: 'integer' }, required: true },
  ],
  [
    'ParseIntPipe instance',
    [new ParseIntPipe()],
    Number,
    { schema: { type: 'integer' }, required: true },
  ],
  [
    'ParseIntPipe optional',
    [new ParseIntPipe({ optional: true })],
    Number,
    { schema: { type: 'integer' }, required: false },
  ],
  [
    'ParseFloatPipe',
    [ParseFloatPipe],
    Number,
    { schema: { type: 'number' }, required: true },
  ],
  [
    'ParseBoolPipe',
    [ParseBoolPipe],
    Boolean,
    { schema: { type: 'boolean' }, required: true },
  ],
  [
    'ParseUUIDPipe',
    [ParseUUIDPipe],
    String,
    { schema: { type: 'string', format: 'uuid' }, required: true },
  ],
  [
    'ParseUUIDPipe v4',
    [new ParseUUIDPipe({ version: '4' })],
    String,
    { schema: { type: 'string', format: 'uuid' }, required: true },
  ],
  [
    'ParseEnumPipe of strings',
    [new ParseEnumPipe(Colour)],
    String,
    { schema: { type: 'string', enum: ['red', 'blue'] }, required: true },
  ],
  [
    'ParseEnumPipe of numbers',
    [new ParseEnumPipe(Level)],
    Number,
    {
      schema: {
        type: 'number',
        enum: [0, 5],
        description: '0 = Low, 5 = High',
      },
      required: true,
    },
  ],
  [
    'ParseArrayPipe',
    [new ParseArrayPipe({ items: Number })],
    Array,
    { schema: { type: 'array', items: { type: 'number' } }, required: true },
  ],
  [
    'ParseDatePipe',
    [new ParseDatePipe()],
    Date,
    { schema: { type: 'string', format: 'date-time' }, required: true },
  ],
  [
    'ParseDatePipe with a default',
    [new ParseDatePipe({ default: () => new Date() })],
    Date,
    { schema: { type: 'string', format: 'date-time' }, required: false },
  ],
  [
    'DefaultValuePipe',
    [new DefaultValuePipe('x')],
    String,
    { schema: { type: 'string', default: 'x' }, required: false },
  ],
  [
    'DefaultValuePipe of nothing',
    [new DefaultValuePipe(undefined)],
    String,
    { schema: { type: 'string' }, required: false },
  ],
  [
    'DefaultValuePipe before ParseIntPipe',
    [new DefaultValuePipe(10), ParseIntPipe],
    Number,
    { schema: { type: 'integer', default: 10 }, required: false },
  ],
  [
    'DefaultValuePipe after ParseIntPipe, too late',
    [ParseIntPipe, new DefaultValuePipe(10)],
    Number,
    { schema: { type: 'integer', default: 10 }, required: true },
  ],
];

const decorators = [
  ['@Param', Param, 'path'],
  ['@Query', Query, 'query'],
  ['@Body', Body, 'body'],
] as const;

class DocumentedOnly {
  @ApiProperty({ type: 'integer', maximum: 9, required: false }) v?: number;
}
class ValidatedOnly {
  @IsOptional() @IsInt() @Max(9) v?: number;
}
class Both {
  @ApiProperty({ description: 'how many', required: false })
  @IsInt()
  @Max(9)
  v?: number;
}
const Schema = z.object({ v: z.number().int().max(9).optional() });

describe.each(decorators)('%s with a field', (_, decorator, source) => {
  it.each(pipes)('%s', async (_name, given, type, expected) => {
    const controller = controllerWith(
      [{ decorator: decorator('v', ...given), type }],
      { path: source === 'path' ? ':v' : '', method: Post },
    );
    const { schema, bindings } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({ v: expected.schema });
    // A URL cannot be built without its path values.
    expect(schema['required']).toEqual(
      expected.required || source === 'path' ? ['v'] : undefined,
    );
    expect(bindings).toEqual([
      {
        argument: 'v',
        source,
        field: 'v',
      },
    ]);
  });

  it('takes a Standard Schema alone, pipes and design type notwithstanding', async () => {
    const controller = controllerWith(
      [
        {
          decorator: decorator('v', {
            schema: z.enum(['a', 'b']).optional(),
          } as never),
          type: Number,
        },
      ],
      { path: source === 'path' ? ':v' : '' },
    );
    const { schema } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({
      v: { type: 'string', enum: ['a', 'b'] },
    });
    expect(schema['required']).toEqual(source === 'path' ? ['v'] : undefined);
  });
});

describe('@Headers with a field', () => {
  it('is a string, optional, by the name as written', async () => {
    const controller = controllerWith([
      { decorator: Headers('X-Tenant'), type: String },
    ]);
    const { schema, bindings } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({ 'X-Tenant': { type: 'string' } });
    expect(schema['required']).toBeUndefined();
    expect(bindings).toEqual([
      { argument: 'X-Tenant', source: 'header', field: 'X-Tenant' },
    ]);
  });

  it.each([
    'authorization',
    'Authorization',
    'cookie',
    'host',
    'origin',
    'connection',
    'transfer-encoding',
    'content-type',
    'sec-fetch-site',
    'mcp-session-id',
    'X-Forwarded-For',
  ])('offers no argument for %s', async (name) => {
    const controller = controllerWith([
      { decorator: Headers(name), type: String },
    ]);
    const { schema } = await inputOf(controller, 'run');
    expect(schema).toEqual({ type: 'object', additionalProperties: false });
  });
});

describe.each([
  ['@Param', Param, 'path'],
  ['@Query', Query, 'query'],
  ['@Headers', () => Headers(), 'header'],
  ['@Body', Body, 'body'],
] as const)('%s as a whole', (_, decorator, source) => {
  const nullable = { type: 'integer', maximum: 9 };
  it.each([
    ['Swagger metadata', DocumentedOnly, { type: 'integer', maximum: 9 }],
    ['class-validator metadata', ValidatedOnly, nullable],
    [
      'both, property by property',
      Both,
      { type: 'integer', maximum: 9, description: 'how many' },
    ],
  ])('lays a class with %s flat', async (_name, type, expected) => {
    const controller = controllerWith(
      [{ decorator: (decorator as () => ParameterDecorator)(), type }],
      { path: source === 'path' ? ':v' : '' },
    );
    const { schema, bindings } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({ v: expected });
    expect(schema['required']).toEqual(source === 'path' ? ['v'] : undefined);
    expect(schema['additionalProperties']).toBe(false);
    expect(bindings).toHaveLength(1);
    expect(bindings[0]).toMatchObject({ argument: 'v', source, field: 'v' });
  });

  it('lays a Standard Schema flat', async () => {
    if (source === 'header') {
      // Nest's @Headers takes no options.
      return;
    }
    const controller = controllerWith(
      [{ decorator: decorator({ schema: Schema } as never), type: Object }],
      { path: source === 'path' ? ':v' : '' },
    );
    const { schema } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({
      v: { type: 'integer', maximum: 9, minimum: Number.MIN_SAFE_INTEGER },
    });
  });
});

describe('a whole parameter without a class', () => {
  it('@Param gives the names in the URL, as strings', async () => {
    const controller = controllerWith([{ decorator: Param(), type: Object }], {
      path: ':a/:b',
    });
    const { schema } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({
      a: { type: 'string' },
      b: { type: 'string' },
    });
    expect(schema['required']).toEqual(['a', 'b']);
  });

  it('@Query gives nothing, with a warning that names the route', async () => {
    const controller = controllerWith([{ decorator: Query(), type: Object }]);
    const { schema, warnings } = await inputOf(controller, 'run');
    expect(schema).toEqual({ type: 'object', additionalProperties: false });
    expect(warnings).toEqual([
      expect.stringMatching(/^TableController\.run .*@ApiQuery/),
    ]);
  });

  it('@Headers gives nothing', async () => {
    const controller = controllerWith([{ decorator: Headers(), type: Object }]);
    const { schema, warnings } = await inputOf(controller, 'run');
    expect(schema).toEqual({ type: 'object', additionalProperties: false });
    expect(warnings).toEqual([]);
  });
});

describe('decorators of @nestjs/swagger on the method', () => {
  it.each([
    [
      '@ApiQuery',
      ApiQuery({ name: 'v', type: 'integer', minimum: 1 } as never),
      Query('v'),
      'query',
      true,
    ],
    [
      '@ApiQuery optional',
      ApiQuery({
        name: 'v',
        type: 'integer',
        minimum: 1,
        required: false,
      } as never),
      Query('v', ParseIntPipe),
      'query',
      false,
    ],
    [
      '@ApiParam',
      ApiParam({ name: 'v', schema: { type: 'integer', minimum: 1 } }),
      Param('v'),
      'path',
      true,
    ],
    [
      '@ApiHeader',
      ApiHeader({
        name: 'v',
        schema: { type: 'integer', minimum: 1 },
        required: true,
      }),
      Headers('v'),
      'header',
      true,
    ],
    [
      '@ApiBody',
      ApiBody({
        schema: {
          type: 'object',
          properties: { v: { type: 'integer', minimum: 1 } },
          required: ['v'],
        },
      }),
      Body('v'),
      'body',
      true,
    ],
  ])(
    '%s wins over pipes and design type',
    async (_name, documented, decorator, source, required) => {
      const controller = controllerWith([{ decorator, type: String }], {
        path: source === 'path' ? ':v' : '',
        decorators: [documented],
      });
      const { schema, bindings } = await inputOf(controller, 'run');
      expect(schema['properties']).toEqual({
        v: { type: 'integer', minimum: 1 },
      });
      expect(schema['required']).toEqual(required ? ['v'] : undefined);
      expect(bindings).toHaveLength(1);
    },
  );

  it('leave the type to the pipe where they give none', async () => {
    const controller = controllerWith(
      [{ decorator: Query('v', ParseIntPipe), type: Number }],
      { decorators: [ApiQuery({ name: 'v', description: 'how many' })] },
    );
    const { schema } = await inputOf(controller, 'run');
    expect(schema['properties']).toEqual({
      v: { type: 'integer', description: 'how many' },
    });
  });

  it('document what a handler reads from the request itself', async () => {
    const controller = controllerWith([], {
      method: Get,
      path: ':id',
      decorators: [
        ApiParam({ name: 'id', type: Number }),
        ApiQuery({ name: 'tags', type: [String], required: false }),
        ApiQuery({ name: 'colour', enum: Colour }),
        ApiHeader({ name: 'X-Tenant', required: true }),
        ApiHeader({ name: 'Authorization' }),
      ],
    });
    const { schema, bindings } = await inputOf(controller, 'run');
    expect(schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'number' },
        tags: { type: 'array', items: { type: 'string' } },
        colour: { type: 'string', enum: ['red', 'blue'] },
        'X-Tenant': { type: 'string' },
      },
      required: ['id', 'colour', 'X-Tenant'],
      additionalProperties: false,
    });
    expect(bindings.map(({ source }) => source)).toEqual([
      'path',
      'query',
      'query',
      'header',
    ]);
  });
});
