import fc from 'fast-check';
import { stringifyJson } from './body.encoder.js';

const DEPTH = 50_000;

/** A value at the bottom of more levels than `JSON.stringify` has room for. */
function buried(value: unknown): unknown {
  let outer = value;
  for (let i = 0; i < DEPTH; i++) outer = i % 2 === 0 ? [outer] : { a: outer };
  return outer;
}

const START = '{"a":['.repeat(DEPTH / 2);
const END = ']}'.repeat(DEPTH / 2);

describe('JSON of any depth', () => {
  it('is what JSON.stringify writes, where that has no room', () => {
    fc.assert(
      fc.property(
        fc.anything({ withNullPrototype: true, withDate: true }),
        (value) => {
          expect(stringifyJson(buried(value))).toBe(
            START + (JSON.stringify([value]) ?? '[null]').slice(1, -1) + END,
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  it('is nothing for undefined, as JSON has no word for it', () => {
    expect(stringifyJson(undefined)).toBeUndefined();
    expect(stringifyJson({ a: undefined, b: [undefined] })).toBe(
      '{"b":[null]}',
    );
  });

  it('is refused for a value that holds itself', () => {
    const ring: unknown[] = [];
    ring.push(buried(ring));
    expect(() => stringifyJson(ring)).toThrow(TypeError);
  });
});
