import { TextArguments } from './text.arguments.js';

const read = (
  properties: Record<string, unknown>,
  values: Record<string, string | string[]>,
  extra: Record<string, unknown> = {},
) =>
  new TextArguments(
    { type: 'object', properties, ...extra },
    'arguments of Test.run',
  ).read(values);

describe('textual arguments', () => {
  it.each([
    [{ type: 'integer' }, '5', 5],
    [{ type: 'number' }, '-1.5e3', -1500],
    [{ type: ['number', 'null'] }, '2', 2],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'false', false],
    [{ type: 'string' }, '5', '5'],
    [{ type: ['string', 'number'] }, '5', '5'],
    [{}, '5', '5'],
    [{ enum: [1, 2] }, '2', 2],
    [{ enum: [1, '2'] }, '2', '2'],
    [{ const: 7 }, '7', 7],
    [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, '3', 3],
    [{ allOf: [{ $ref: '#/$defs/count' }] }, '4', 4],
    [{ $ref: '#/$defs/count' }, '4', 4],
    [{ type: 'array', items: { type: 'integer' } }, '4', [4]],
  ])('are read as %j wants: %s', (schema, text, value) => {
    expect(
      read(
        { x: schema },
        { x: text },
        { $defs: { count: { type: 'integer' } } },
      ),
    ).toEqual({ values: { x: value } });
  });

  it('are read one by one where there are several', () => {
    expect(
      read(
        { x: { type: 'array', items: { type: 'number' } } },
        { x: ['1', '2'] },
      ),
    ).toEqual({ values: { x: [1, 2] } });
  });

  it.each([
    [{ type: 'integer' }, 'five'],
    [{ type: 'integer' }, ''],
    [{ type: 'integer' }, '0x10'],
    [{ type: 'integer' }, ' 5'],
    [{ type: 'integer' }, '1.5'],
    [{ type: 'boolean' }, 'yes'],
    [{ type: 'string', minLength: 2 }, 'a'],
  ])('are refused where they are none of %j: %j', (schema, text) => {
    expect(read({ x: schema }, { x: text })).toEqual({
      problem: expect.stringMatching(/^Invalid arguments: .*x/) as unknown,
    });
  });

  it('survive a schema that refers to itself', () => {
    const tree = {
      anyOf: [
        { type: 'integer' },
        { type: 'array', items: { $ref: '#/$defs/tree' } },
      ],
    };
    expect(
      read({ x: { $ref: '#/$defs/tree' } }, { x: '3' }, { $defs: { tree } }),
    ).toEqual({ values: { x: 3 } });
  });

  it('name what is no schema', () => {
    expect(() => read({ x: { type: 'nonsense' } }, {})).toThrow(
      'arguments of Test.run',
    );
  });
});
