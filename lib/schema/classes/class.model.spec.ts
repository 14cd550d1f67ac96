import {
  IntersectionType as PlainIntersection,
  PartialType as PlainPartial,
} from '@nestjs/mapped-types';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiSchema,
  getSchemaPath,
  IntersectionType,
  OmitType,
  PartialType,
  PickType,
} from '@nestjs/swagger';
import { Exclude, Expose, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  Contains,
  IsArray,
  IsBoolean,
  IsDate,
  IsDateString,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsIP,
  IsNotEmpty,
  IsNotIn,
  IsNumber,
  IsNumberString,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  Length,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { expectStrict } from '../../../test/support/input-of.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { resolveSchema } from '../sources/schema-reader.js';
import { SchemaReader } from '../sources/schema-reader.js';
import { loadSchemaReader } from '../sources/schema.loader.js';

/** The merged schema of a class, which must pass Ajv's strict mode. */
async function schemaOf(type: new () => object): Promise<JsonSchema> {
  const schema = resolveSchema(type, 'input', await loadSchemaReader());
  expectStrict(schema);
  return schema;
}
const propertiesOf = async (type: new () => object): Promise<unknown> =>
  (await schemaOf(type))['properties'];

enum Colour {
  Red = 'red',
  Blue = 'blue',
}
enum Level {
  Low,
  High = 5,
}

describe('class-validator alone', () => {
  class Address {
    @IsString() street!: string;
  }
  class Everything {
    @IsInt() @IsPositive() whole!: number;
    @IsPositive() @IsInt() wholeToo!: number;
    @IsNotEmpty() @IsInt() filled!: number;
    @IsNotEmpty() name!: string;
    @IsEnum(Colour) colour!: Colour;
    @IsEnum(Level) level!: Level;
    @IsEnum(Colour, { each: true }) colours!: Colour[];
    @IsIn([1, 2]) one!: number;
    @IsNotIn(['x']) @IsString() other!: string;
    @IsDate() @Type(() => Date) born!: Date;
    @IsDateString() when!: string;
    @Matches(/^[a-z]+$/) lower!: string;
    @Matches(/^[a-z]+$/i) anyCase!: string;
    @Matches(/[\w-.]/) loose!: string;
    @Contains('a.b') dotted!: string;
    @IsNumberString() digits!: string;
    @IsIP() ip!: string;
    @IsUUID() id!: string;
    @IsEmail() mail!: string;
    @IsDefined() @IsBoolean() flag!: boolean;
    @IsString({ each: true }) @ArrayMaxSize(3) tags!: string[];
    @ValidateNested() @Type(() => Address) address!: Address;
    @ValidateNested() address2!: Address;
    @ValidateNested({ each: true }) @Type(() => Address) list!: Address[];
    @ValidateNested() @Type(() => Address) implicitList!: Address[];
    @ValidateNested({ each: true })
    @Type(() => Address)
    byName!: Map<string, Address>;
    @IsObject() free!: object;
    @Allow() date!: Date;
    @Allow() unknown!: unknown;
    @IsArray() anything!: unknown[];
  }

  it('gives each decorator its schema, and never one that refuses what the decorator accepts', async () => {
    const address = { $ref: '#/$defs/Address' };
    expect(await propertiesOf(Everything)).toEqual({
      whole: { type: 'integer', exclusiveMinimum: 0 },
      wholeToo: { type: 'integer', exclusiveMinimum: 0 },
      filled: { type: 'integer' },
      name: { type: 'string', minLength: 1 },
      colour: { type: 'string', enum: ['red', 'blue'] },
      level: {
        type: 'number',
        enum: [0, 5],
        description: '0 = Low, 5 = High',
      },
      colours: {
        type: 'array',
        items: { type: 'string', enum: ['red', 'blue'] },
      },
      one: { enum: [1, 2] },
      other: { type: 'string', not: { enum: ['x'] } },
      born: { type: 'string', format: 'date-time' },
      when: {
        type: 'string',
        description: expect.stringMatching(/^ISO 8601 date, or date and time/),
      },
      lower: { type: 'string', pattern: '^[a-z]+$' },
      anyCase: { type: 'string' },
      loose: { type: 'string' },
      dotted: { type: 'string', pattern: 'a\\.b' },
      digits: { type: 'string', pattern: '^[+-]?([0-9]*[.])?[0-9]+$' },
      ip: { type: 'string', description: 'IP address' },
      id: { type: 'string', format: 'uuid' },
      mail: { type: 'string', format: 'email' },
      flag: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
      address,
      address2: address,
      list: { type: 'array', items: address },
      implicitList: { type: 'array', items: address },
      byName: { type: 'object', additionalProperties: address },
      free: { type: 'object' },
      date: { type: 'string', format: 'date-time' },
      unknown: {},
      anything: { type: 'array', items: {} },
    });
  });

  it('requires all but what is optional, and allows null where a condition says so', async () => {
    class Dto {
      @IsString() a!: string;
      @IsOptional() @IsString() b?: string;
      @ValidateIf((_, value) => value !== null) @IsEnum(Colour) c!: Colour;
      @IsOptional() @ValidateNested() @Type(() => Address) d?: Address;
    }
    expect(await schemaOf(Dto)).toEqual({
      type: 'object',
      properties: {
        a: { type: 'string' },
        b: { type: 'string' },
        c: { type: ['string', 'null'], enum: ['red', 'blue', null] },
        d: { $ref: '#/$defs/Address' },
      },
      required: ['a', 'c'],
      $defs: {
        Address: {
          type: 'object',
          properties: { street: { type: 'string' } },
          required: ['street'],
        },
      },
    });
  });

  it('takes inherited properties, and the overriding one of two', async () => {
    class Parent {
      @IsString() a!: string;
      @IsString() b!: string;
    }
    class Child extends Parent {
      @MaxLength(3) override b: string = '';
    }
    expect(await propertiesOf(Child)).toEqual({
      a: { type: 'string' },
      b: { type: 'string', maxLength: 3, default: '' },
    });
  });

  it('follows @Expose and @Exclude of class-transformer', async () => {
    class Dto {
      @Expose({ name: 'full_name' }) @IsString() fullName!: string;
      @Exclude() @IsString() secret!: string;
      @Exclude({ toPlainOnly: true }) @IsString() password!: string;
    }
    expect(await propertiesOf(Dto)).toEqual({
      full_name: { type: 'string' },
      password: { type: 'string' },
    });
  });

  it('tells subtypes by their discriminator', async () => {
    abstract class Shape {
      @IsString() kind!: string;
    }
    class Circle extends Shape {
      @IsNumber() radius!: number;
    }
    class Drawing {
      @ValidateNested()
      @Type(() => Object, {
        discriminator: {
          property: 'kind',
          subTypes: [{ name: 'circle', value: Circle }],
        },
      })
      shape!: Shape;
    }
    expect(await propertiesOf(Drawing)).toEqual({
      shape: {
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'circle' } },
            required: ['kind'],
            allOf: [{ $ref: '#/$defs/Circle' }],
          },
        ],
      },
    });
  });

  it('names the package to install when the decorators cannot be read', async () => {
    class Dto {
      @IsString() a!: string;
    }
    const { swagger, classValidator } = await loadSchemaReader();
    const sources = new SchemaReader({
      ...(swagger && { swagger }),
      ...(classValidator && { classValidator }),
    });
    expect(resolveSchema(Dto, 'input', sources)).toEqual({ type: 'object' });
    expect(sources.takeWarnings()).toEqual([
      expect.stringMatching(/^Dto .*install class-validator-jsonschema/),
    ]);
    expect(sources.takeWarnings()).toEqual([]);
  });
});

describe('mapped types', () => {
  class Cat {
    @ApiProperty() @IsString() name!: string;
    @ApiProperty({ minimum: 0 }) @IsInt() age!: number;
  }
  class Toy {
    @IsString() toy!: string;
  }
  class UpdateCat extends PartialType(Cat) {}
  class CatName extends PickType(Cat, ['name'] as const) {}
  class CatAge extends OmitType(Cat, ['name'] as const) {}
  class CatWithToy extends IntersectionType(Cat, Toy) {}
  class UpdateToy extends PlainPartial(Toy) {}
  class Both extends PlainIntersection(CatName, Toy) {}

  it.each([
    [
      'PartialType',
      UpdateCat,
      {
        name: { type: 'string' },
        age: { type: 'integer', minimum: 0 },
      },
      undefined,
    ],
    ['PickType', CatName, { name: { type: 'string' } }, ['name']],
    ['OmitType', CatAge, { age: { type: 'integer', minimum: 0 } }, ['age']],
    [
      'IntersectionType',
      CatWithToy,
      {
        name: { type: 'string' },
        age: { type: 'integer', minimum: 0 },
        toy: { type: 'string' },
      },
      ['name', 'age', 'toy'],
    ],
    [
      'PartialType of @nestjs/mapped-types',
      UpdateToy,
      { toy: { type: 'string' } },
      undefined,
    ],
    [
      'IntersectionType of @nestjs/mapped-types',
      Both,
      { name: { type: 'string' }, toy: { type: 'string' } },
      ['name', 'toy'],
    ],
  ])('%s', async (_, type, properties, required) => {
    const schema = await schemaOf(type);
    expect(schema['properties']).toEqual(properties);
    expect(schema['required']).toEqual(required);
  });
});

describe('Swagger alone', () => {
  class Cat {
    @ApiProperty() name!: string;
  }
  class Dog {
    @ApiProperty() bark!: boolean;
  }

  it('converts what OpenAPI 3.0 writes differently', async () => {
    @ApiExtraModels(Cat, Dog)
    class Dto {
      @ApiProperty({ nullable: true, type: String }) text!: string | null;
      @ApiProperty({ minimum: 0, exclusiveMinimum: true }) above!: number;
      @ApiProperty({ maximum: 9, exclusiveMaximum: false }) upTo!: number;
      @ApiProperty({ example: 'tea' }) drink!: string;
      @ApiProperty({ format: 'made-up' }) odd!: string;
      @ApiProperty({ format: 'email' }) mail!: string;
      @ApiProperty({ enum: Colour }) colour!: Colour;
      @ApiProperty({ enum: Colour, enumName: 'Colour', description: 'paint' })
      named!: Colour;
      @ApiProperty({ enum: Colour, isArray: true }) colours!: Colour[];
      @ApiProperty({ type: [Cat] }) cats!: Cat[];
      @ApiProperty({ type: () => Cat, description: 'the first' }) first!: Cat;
      @ApiProperty({ type: () => Cat, nullable: true }) maybe!: Cat | null;
      @ApiProperty({
        oneOf: [{ $ref: getSchemaPath(Cat) }, { $ref: getSchemaPath(Dog) }],
        discriminator: { propertyName: 'kind' },
      })
      pet!: Cat | Dog;
      @ApiProperty({
        type: 'object',
        additionalProperties: { $ref: getSchemaPath(Dog) },
      })
      dogs!: Record<string, Dog>;
      @ApiProperty() born!: Date;
      @ApiProperty({ type: [[Number]] as never }) matrix!: number[][];
      @ApiProperty() anything!: unknown;
      @ApiProperty({ xml: { name: 'x' }, deprecated: true }) old!: string;
      @ApiPropertyOptional({ default: 1 }) page?: number;
    }
    const cat = { $ref: '#/$defs/Cat' };
    const dog = { $ref: '#/$defs/Dog' };
    const schema = await schemaOf(Dto);
    expect(schema['properties']).toEqual({
      text: { type: ['string', 'null'] },
      above: { type: 'number', exclusiveMinimum: 0 },
      upTo: { type: 'number', maximum: 9 },
      drink: { type: 'string', examples: ['tea'] },
      odd: { type: 'string' },
      mail: { type: 'string', format: 'email' },
      colour: { type: 'string', enum: ['red', 'blue'] },
      named: { $ref: '#/$defs/Colour', description: 'paint' },
      colours: {
        type: 'array',
        items: { type: 'string', enum: ['red', 'blue'] },
      },
      cats: { type: 'array', items: cat },
      first: { ...cat, description: 'the first' },
      maybe: { anyOf: [cat, { type: 'null' }] },
      pet: { oneOf: [cat, dog] },
      dogs: { type: 'object', additionalProperties: dog },
      born: { type: 'string', format: 'date-time' },
      matrix: {
        type: 'array',
        items: { type: 'array', items: { type: 'number' } },
      },
      anything: {},
      old: { type: 'string', deprecated: true },
      page: { type: 'number', default: 1 },
    });
    expect(schema['required']).not.toContain('page');
    expect(schema['$defs']).toMatchObject({
      Colour: { type: 'string', enum: ['red', 'blue'] },
      Cat: { type: 'object', properties: { name: { type: 'string' } } },
    });
  });

  it('ends a recursion in a reference', async () => {
    class Node {
      @ApiProperty({ type: () => [Node] }) children!: Node[];
      @ApiProperty({ type: () => Node, required: false }) parent?: Node;
    }
    const node = { $ref: '#/$defs/Node' };
    const properties = {
      children: { type: 'array', items: node },
      parent: node,
    };
    expect(await schemaOf(Node)).toEqual({
      type: 'object',
      properties,
      required: ['children'],
      $defs: { Node: { type: 'object', properties, required: ['children'] } },
    });
  });

  it('keeps what @ApiSchema says of the class', async () => {
    @ApiSchema({ name: 'Feline', description: 'A cat' })
    class Named {
      @ApiProperty() a!: string;
    }
    class Holder {
      @ApiProperty() cat!: Named;
    }
    expect((await schemaOf(Named))['description']).toBe('A cat');
    expect((await schemaOf(Holder))['$defs']).toEqual({
      Named: expect.objectContaining({ description: 'A cat' }),
    });
  });

  it('does not require of input what is read-only, nor of output what is write-only', async () => {
    class Dto {
      @ApiProperty({ readOnly: true }) id!: string;
      @ApiProperty({ writeOnly: true }) password!: string;
    }
    const sources = await loadSchemaReader();
    expect(resolveSchema(Dto, 'input', sources)['required']).toEqual([
      'password',
    ]);
    expect(resolveSchema(Dto, 'output', sources)['required']).toEqual(['id']);
  });
});

describe('Swagger and class-validator together', () => {
  it('merges property by property, Swagger first, of two bounds the stricter', async () => {
    class Nested {
      @IsInt() deep!: number;
    }
    class Dto {
      @ApiProperty({ description: 'd', maximum: 5 }) @Min(1) n!: number;
      @ApiProperty({ minimum: 2 }) @Min(1) @IsInt() wins!: number;
      @ApiProperty({ minLength: 2, maxLength: 9 })
      @Length(4, 20)
      bound!: string;
      @ApiProperty({ type: String }) @IsInt() conflict!: unknown;
      @ApiProperty() @IsInt({ each: true }) ids!: number[];
      @ApiProperty() @IsString() union!: string | number;
      @ApiProperty() @IsOptional() stays?: string;
      @ApiPropertyOptional() @IsString() relaxed?: string;
      @ApiProperty() @ValidateNested() @Type(() => Nested) nested!: Nested;
      @IsEmail() undocumented!: string;
    }
    const schema = await schemaOf(Dto);
    expect(schema['properties']).toEqual({
      n: { type: 'number', description: 'd', maximum: 5, minimum: 1 },
      wins: { type: 'integer', minimum: 2 },
      bound: { type: 'string', minLength: 4, maxLength: 9 },
      conflict: { type: 'string' },
      ids: { type: 'array', items: { type: 'integer' } },
      union: { type: 'string' },
      stays: { type: 'string' },
      relaxed: { type: 'string' },
      nested: { $ref: '#/$defs/Nested' },
      undocumented: { type: 'string', format: 'email' },
    });
    expect(schema['required']).toEqual([
      'n',
      'wins',
      'bound',
      'conflict',
      'ids',
      'union',
      'nested',
      'undocumented',
    ]);
    // Swagger knows the class and nothing of it: its empty object hides nothing.
    expect(schema['$defs']).toEqual({
      Nested: {
        type: 'object',
        properties: { deep: { type: 'integer' } },
        required: ['deep'],
      },
    });
  });

  it('tells classes of one name apart', async () => {
    const first = (() => {
      class Cat {
        @ApiProperty() a!: string;
      }
      return Cat;
    })();
    const second = (() => {
      class Cat {
        @IsInt() b!: number;
      }
      return Cat;
    })();
    class Dto {
      @ApiProperty({ type: first }) one!: object;
      @ValidateNested() @Type(() => second) two!: object;
      @ApiProperty({ type: [second] }) three!: object[];
    }
    const schema = await schemaOf(Dto);
    expect(schema['properties']).toEqual({
      one: { $ref: '#/$defs/Cat' },
      three: { type: 'array', items: { $ref: '#/$defs/Cat_2' } },
      two: { $ref: '#/$defs/Cat_2' },
    });
    expect(schema['$defs']).toEqual({
      Cat: expect.objectContaining({ properties: { a: { type: 'string' } } }),
      Cat_2: expect.objectContaining({
        properties: { b: { type: 'integer' } },
      }),
    });
  });
});
