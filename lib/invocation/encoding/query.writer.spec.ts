import express from 'express';
import { parse as simple } from 'node:querystring';
import type { QueryParser } from '../../platform/http-platform.js';
import { createQueryWriter, type QueryWriter } from './query.writer.js';

const application = express();
application.set('query parser', 'extended');
const extended = application.get('query parser fn') as QueryParser;

function read(parse: QueryParser, value: unknown, field = 'a'): unknown {
  const write: QueryWriter = createQueryWriter(parse);
  const { text, parsed } = write([{ argument: field, field, value }]);
  return { ...(parsed ?? (parse(text) as object)) };
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
    expect(read(parse, [])).toEqual({ a: [] });
    expect(read(parse, null)).toEqual({});
    expect(read(parse, undefined)).toEqual({});
  });

  it('keeps an array of one an array, by the URL where the parser can', () => {
    const entries = [{ argument: 'a', field: 'a', value: ['x'] }];
    expect(createQueryWriter(extended)(entries)).toEqual({
      text: 'a[]=x',
      parsed: undefined,
    });
    const written = createQueryWriter(simple)(entries);
    expect(written.text).toBe('a=x');
    expect({ ...written.parsed }).toEqual({ a: ['x'] });
  });

  it('leaves what the parser reads to it, beside what it cannot read', () => {
    const { text, parsed } = createQueryWriter(simple)([
      { argument: 'n', field: 'n', value: 5 },
      { argument: 'f', field: 'f', value: { b: [1], c: [] } },
      { argument: 'p', field: '__proto__', value: [] },
    ]);
    expect(text).toBe('n=5&f[b][0]=1');
    expect(Object.entries(parsed ?? {})).toEqual([
      ['n', '5'],
      ['f', { b: ['1'], c: [] }],
      ['__proto__', []],
    ]);
  });

  it('gives an application that reads no query none', () => {
    const entries = [{ argument: 'a', field: 'a', value: ['x'] }];
    expect(createQueryWriter(() => ({}))(entries)).toEqual({
      text: 'a=x',
      parsed: undefined,
    });
  });

  it.each([
    [',', 'a=x,y%26'],
    [' ', 'a=x%20y%26'],
    ['|', 'a=x%7Cy%26'],
  ])('joins a list by %j where the route splits it', (delimiter, text) => {
    const write = createQueryWriter(simple);
    const entry = { argument: 'a', field: 'a', delimiter };
    expect(write([{ ...entry, value: ['x', 'y&'] }])).toEqual({
      text,
      parsed: undefined,
    });
    expect(write([{ ...entry, value: [] }]).text).toBe('');
    expect(() => write([{ ...entry, value: [`x${delimiter}y`] }])).toThrow(
      'by which the route splits the list',
    );
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

  it('hands over nested values where the parser reads flat ones only', () => {
    expect(read(simple, { b: 1, c: null })).toEqual({ a: { b: '1' } });
  });

  it('keeps every element of a long array', () => {
    const many = (length: number) =>
      Array.from({ length }, (_, index) => String(index));
    expect(read(simple, many(900))).toEqual({ a: many(900) });
    expect(read(simple, many(1500))).toEqual({ a: many(1500) });
    const limited: QueryParser = (query) => {
      const { a } = simple(query);
      return { a: Array.isArray(a) ? a.slice(0, 20) : a };
    };
    expect(read(limited, many(25))).toEqual({ a: many(25) });
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
    ).toEqual({ text: 'a=1&b=x&b=y&c=d', parsed: undefined });
  });

  it('encodes keys and never fails on ill-formed text', () => {
    const write = createQueryWriter(simple);
    expect(write([{ argument: 'k', field: 'k&=', value: '\ud800' }]).text).toBe(
      'k%26%3D=%EF%BF%BD',
    );
  });
});
