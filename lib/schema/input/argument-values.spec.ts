import { ArgumentValues } from './argument-values.js';

const SCHEMA = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    text: { type: 'string' },
    flag: { type: 'boolean' },
    note: { type: ['string', 'null'] },
    tags: { type: 'array', items: { type: 'integer' } },
    page: { $ref: '#/$defs/Page' },
  },
  required: ['id'],
  $defs: {
    Page: { type: 'object', properties: { limit: { type: 'integer' } } },
  },
};
const values = new ArgumentValues(SCHEMA, ['id', 'text', 'flag', 'tags']);

describe('given', () => {
  it('leaves out null where it is neither required nor allowed, at any depth', () => {
    expect(
      values.given({
        id: null,
        text: null,
        note: null,
        page: { limit: null },
        other: null,
      }),
    ).toEqual({ id: null, note: null, page: {}, other: null });
  });

  it('gives the same object where there is no null', () => {
    const args = { id: 1, page: { limit: 1 } };
    expect(values.given(args)).toBe(args);
  });
});

describe('typed', () => {
  it.each([
    [{ id: '5' }, { id: 5 }],
    [{ text: 4 }, { text: '4' }],
    [{ text: true }, { text: 'true' }],
    [{ flag: 'true' }, { flag: true }],
    [{ tags: ['1', 2] }, { tags: [1, 2] }],
  ])('reads what travels as text: %j as %j', (args, read) => {
    expect(values.typed(args)).toEqual(read);
  });

  it.each([
    [{ id: 'five' }],
    [{ id: '' }],
    [{ flag: 1 }],
    [{ page: { limit: '5' } }],
    [{ id: null }],
  ])(
    'leaves what cannot stand for the type, or goes into a body: %j',
    (args) => {
      expect(values.typed(args)).toBe(args);
    },
  );
});
