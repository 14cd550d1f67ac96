import { Controller, Get } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiExtraModels,
  ApiNoContentResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiProperty,
  getSchemaPath,
} from '@nestjs/swagger';
import { routeOf } from '../../../test/support/route-of.js';
import { swaggerOperation } from '../../nest/swagger-operation.js';
import { loadSchemaReader } from '../sources/schema.loader.js';
import { describeResponses } from './response-description.js';

enum Colour {
  Red = 'red',
}
class Cat {
  @ApiProperty() name!: string;
  @ApiProperty({ enum: Colour }) colour!: Colour;
  @ApiProperty({ type: Number, nullable: true }) age!: number | null;
  @ApiProperty() born!: Date;
  @ApiProperty({ type: () => [Cat] }) kittens!: Cat[];
}
class Dog {
  @ApiProperty({ example: 'Rex' }) name!: string;
}
class Problem {
  @ApiProperty() message!: string;
}

@Controller()
@ApiExtraModels(Cat, Dog)
class Pets {
  @Get()
  @ApiOkResponse({ description: 'the cat', type: Cat })
  @ApiNotFoundResponse({ description: 'no cat', type: Problem })
  cat(): void {}

  @Get() @ApiNoContentResponse({ description: 'gone' }) gone(): void {}

  @Get()
  @ApiOkResponse({
    schema: {
      oneOf: [{ $ref: getSchemaPath(Dog) }, { $ref: getSchemaPath(Cat) }],
    },
  })
  pet(): void {}

  @Get()
  @ApiOkResponse({
    type: Dog,
    examples: { one: { summary: 'one', value: { name: 'Bello' } } },
  })
  named(): void {}

  @Get()
  @ApiBadRequestResponse({ description: 'bad' })
  @ApiNotFoundResponse({ description: 'none' })
  failing(): void {}

  @Get() silent(): void {}
}

const describeRoute = async (
  method: keyof Pets,
  { all = false, full = false } = {},
): Promise<string> => {
  const sources = await loadSchemaReader();
  const operation = swaggerOperation(routeOf(Pets, method), sources);
  if (!operation) {
    throw new Error('no operation');
  }
  return describeResponses(operation, { all, full, sources });
};
const count = (text: string, part: string): number =>
  text.split(part).length - 1;

describe('describeResponses', () => {
  it('tells the success alone, with an example that ends where the schema recurs', async () => {
    expect(await describeRoute('cat')).toBe(
      [
        '### Responses:',
        '',
        '**200**: the cat (Success Response)',
        'Content-Type: application/json',
        '',
        '**Example Response:**',
        '```json',
        JSON.stringify(
          {
            name: 'string',
            colour: 'red',
            age: 1.5,
            born: '2026-01-31T12:00:00Z',
            kittens: [
              {
                name: 'string',
                colour: 'red',
                age: 1.5,
                born: '2026-01-31T12:00:00Z',
                kittens: [],
              },
            ],
          },
          undefined,
          2,
        ),
        '```',
      ].join('\n'),
    );
  });

  it('tells every response on demand, each with one example', async () => {
    const text = await describeRoute('cat', { all: true });
    expect(count(text, '**200**')).toBe(1);
    expect(text).toContain('**404**: no cat\n');
    expect(count(text, '(Success Response)')).toBe(1);
    expect(count(text, '**Example Response:**')).toBe(2);
    expect(count(text, '**Output Schema:**')).toBe(0);
  });

  it('adds the schema on demand, for each response that has one', async () => {
    const success = await describeRoute('cat', { full: true });
    expect(count(success, '**Output Schema:**')).toBe(1);
    expect(success).toContain('"$ref": "#/$defs/Cat"');
    const all = await describeRoute('cat', { all: true, full: true });
    expect(count(all, '**Output Schema:**')).toBe(2);
    const none = await describeRoute('gone', { all: true, full: true });
    expect(none).toBe('### Responses:\n\n**204**: gone (Success Response)');
  });

  it('shows a union by its first member', async () => {
    expect(await describeRoute('pet')).toContain('"name": "Rex"');
  });

  it('prefers a documented example', async () => {
    expect(await describeRoute('named')).toContain('"name": "Bello"');
  });

  it('tells every response where no success is documented', async () => {
    const text = await describeRoute('failing');
    expect(text).toContain('**400**: bad');
    expect(text).toContain('**404**: none');
    expect(text).not.toContain('Success');
  });

  it('is empty where nothing is documented', async () => {
    expect(await describeRoute('silent', { all: true, full: true })).toBe('');
  });
});
