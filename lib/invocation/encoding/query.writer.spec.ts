import express from 'express';
import { parse as simple } from 'node:querystring';
import type { QueryParser } from './query-parser.js';
import { createQueryWriter, type QueryWriter } from './query.writer.js';

const application = express();
application.set('query parser', 'extended');
const extended = application.get('query parser fn') as QueryParser;

function read(parse: QueryParser, value: unknown, field = 'a'): unknown {
  const write: QueryWriter = createQueryWriter(parse);
  const query = write([{ argument: field, field, value }]);
  return { ...(parse(query) as object) };
}

describe('query writer', () => {
  it.each([
    ['simple', simple],
    ['extended', extended],
  ])('writes scalars and arrays that the %s parser reads', (_name, parse) => {
    expect(read(parse, 'x&y=z+ é')).toEqual({ a: 'x&y=z+ é' });
    expect(read(parse, 5)).toEqual({ a: '5' });
    expect(read(parse, false)).toEqual({ a: 'false' });
    expect(read(parse, ['x', 'y'])).toEqual({ a: ['x', 'y'] });
    expect(read(parse, [])).toEqual({});
    expect(read(parse, null)).toEqual({});
    expect(read(parse, undefined)).toEqual({});
  });

  it('keeps an array of one an array where the parser can', () => {
    expect(read(extended, ['x'])).toEqual({ a: ['x'] });
  });

  it('sends an array of one as HTTP would where the parser cannot', () => {
    expect(read(simple, ['x'])).toEqual({ a: 'x' });
  });

  it('writes nested values for a parser that reads them', () => {
    const value = { b: { c: '1' }, d: ['x'], e: null };
    expect(read(extended, value)).toEqual({
      a: { b: { c: '1' }, d: ['x'] },
    });
    expect(read(extended, [{ b: '1' }, { b: '2' }])).toEqual({
      a: [{ b: '1' }, { b: '2' }],
    });
  });

  it('refuses nested values where the parser reads flat ones only', () => {
    expect(() => read(simple, { b: 1 })).toThrow(
      'Argument "a" is a nested value',
    );
  });

  it('keeps every element of a long array, or refuses it', () => {
    const many = (length: number) =>
      Array.from({ length }, (_, index) => String(index));
    expect(read(simple, many(900))).toEqual({ a: many(900) });
    expect(() => read(simple, many(1500))).toThrow('has 1500 elements');
    const limited: QueryParser = (query) => {
      const { a } = simple(query);
      return { a: Array.isArray(a) ? a.slice(0, 20) : a };
    };
    expect(() => read(limited, many(25))).toThrow('has 25 elements');
  });

  it('finds the form that a parser of its own kind reads', () => {
    const brackets: QueryParser = (query) => {
      const result: Record<string, unknown> = {};
      for (const [key, value] of new URLSearchParams(query)) {
        const list = key.endsWith('[]') ? key.slice(0, -2) : undefined;
        if (list === undefined) result[key] = value;
        else result[list] = [...((result[list] as string[]) ?? []), value];
      }
      return result;
    };
    expect(read(brackets, ['x'])).toEqual({ a: ['x'] });
    expect(read(brackets, ['x', 'y'])).toEqual({ a: ['x', 'y'] });
  });

  it('spreads an object that is the whole query', () => {
    const write = createQueryWriter(simple);
    expect(
      write([
        { argument: 'q', field: undefined, value: { a: 1, b: ['x', 'y'] } },
        { argument: 'c', field: 'c', value: 'd' },
      ]),
    ).toBe('a=1&b=x&b=y&c=d');
  });

  it('encodes keys and never fails on ill-formed text', () => {
    const write = createQueryWriter(simple);
    expect(write([{ argument: 'k', field: 'k&=', value: '\ud800' }])).toBe(
      'k%26%3D=%EF%BF%BD',
    );
  });
});
