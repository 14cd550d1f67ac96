import { Controller, Get } from '@nestjs/common';
import {
  ApiCreatedResponse,
  ApiExtraModels,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiProperty,
  getSchemaPath,
} from '@nestjs/swagger';
import { IsInt } from 'class-validator';
import { z } from 'zod';
import { expectStrict } from '../../../test/support/input-of.js';
import { routeOf } from '../../../test/support/route-of.js';
import { swaggerOperation } from '../../nest/swagger-operation.js';
import { loadSchemaReader } from '../sources/schema.loader.js';
import { buildOutputSchema } from './output-schema.builder.js';

class Cat {
  @ApiProperty() name!: string;
  @IsInt() age!: number;
  @ApiProperty({ type: () => [Cat], required: false }) kittens?: Cat[];
}

@Controller()
@ApiExtraModels(Cat)
class Cats {
  @Get() @ApiNotFoundResponse() @ApiOkResponse({ type: Cat }) one(): void {}
  @Get() @ApiOkResponse({ type: [Cat] }) many(): void {}
  @Get() @ApiCreatedResponse({ type: Cat }) created(): void {}
  @Get() @ApiNotFoundResponse({ type: Cat }) failing(): void {}
  @Get() @ApiOkResponse() silent(): void {}
  @Get()
  @ApiOkResponse({
    content: { 'text/plain': { schema: { type: 'string' } } },
  })
  text(): void {}
  @Get()
  @ApiOkResponse({
    schema: {
      type: 'object',
      properties: {
        items: { type: 'array', items: { $ref: getSchemaPath(Cat) } },
      },
    },
  })
  page(): void {}
}

const outputOf = async (
  method: keyof Cats,
  explicit: Parameters<typeof buildOutputSchema>[0]['explicit'] = true,
) => {
  const sources = await loadSchemaReader();
  const route = routeOf(Cats, method);
  const swagger = swaggerOperation(route, sources);
  const schema = buildOutputSchema({ explicit, swagger, sources });
  if (schema) {
    expectStrict(schema);
  }
  return schema;
};
const cat = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    kittens: { type: 'array', items: { $ref: '#/$defs/Cat' } },
  },
  required: ['name', 'age'],
};

describe('buildOutputSchema', () => {
  it('takes the first documented success, classes merged with all sources', async () => {
    expect(await outputOf('one')).toEqual({ ...cat, $defs: { Cat: cat } });
    expect(await outputOf('created')).toEqual({ ...cat, $defs: { Cat: cat } });
    expect(await outputOf('many')).toEqual({
      type: 'array',
      items: { $ref: '#/$defs/Cat' },
      $defs: { Cat: cat },
    });
    expect(await outputOf('page')).toMatchObject({
      properties: { items: { items: { $ref: '#/$defs/Cat' } } },
    });
  });

  it('is undefined for failures, other media types and responses without a schema', async () => {
    expect(await outputOf('failing')).toBeUndefined();
    expect(await outputOf('silent')).toBeUndefined();
    expect(await outputOf('text')).toBeUndefined();
  });

  it('is undefined unless asked for', async () => {
    expect(await outputOf('one', false)).toBeUndefined();
    const sources = await loadSchemaReader();
    expect(
      buildOutputSchema({ explicit: undefined, swagger: undefined, sources }),
    ).toBeUndefined();
  });

  it('takes a class, a Standard Schema, or JSON Schema to the letter', async () => {
    expect(await outputOf('silent', Cat)).toMatchObject(cat);
    expect(
      await outputOf('silent', z.object({ a: z.string().default('x') })),
    ).toMatchObject({ required: ['a'], additionalProperties: false });
    const raw = { type: 'object', properties: { a: {} } };
    expect(await outputOf('silent', raw)).toBe(raw);
  });
});
