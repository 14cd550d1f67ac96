/** How an array is written: `a=x`, `a[]=x` or `a[0]=x`. */
export type ArrayStyle = 'repeat' | 'brackets' | 'index';

/** How an object and the arrays in it are written: `a[b]=x` or `a.b=x`. */
export interface QueryStyle {
  readonly array: ArrayStyle;
  readonly object: 'brackets' | 'dots';
}

/** Every way to write structure, the plainest first. */
export const QUERY_STYLES: readonly QueryStyle[] = (
  ['brackets', 'dots'] as const
).flatMap((object) =>
  (['repeat', 'brackets', 'index'] as const).map((array) => ({
    array,
    object,
  })),
);

/** One `key=value` before encoding; the key's structure is already in it. */
type QueryPair = readonly [key: string, value: string];

/**
 * Flattens a value to pairs. `null`, `undefined`, empty arrays and empty
 * objects have no form in a query and give none.
 */
export function* queryPairs(
  key: string,
  value: unknown,
  style: QueryStyle,
): Generator<QueryPair> {
  if (value === null || value === undefined) {
    return;
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      yield* queryPairs(elementKey(key, index, style.array), element, style);
    }
  } else if (typeof value === 'object') {
    for (const [property, member] of Object.entries(value)) {
      const name = encodeComponent(property);
      yield* queryPairs(
        style.object === 'dots' ? `${key}.${name}` : `${key}[${name}]`,
        member,
        style,
      );
    }
  } else {
    yield [key, String(value as string | number | boolean | bigint)];
  }
}

/** Writes pairs as a query string. Keys are taken as they are. */
export function writePairs(pairs: Iterable<QueryPair>): string {
  let query = '';
  for (const [key, value] of pairs) {
    query += `${query === '' ? '' : '&'}${key}=${encodeComponent(value)}`;
  }
  return query;
}

/** Percent-encodes; a lone surrogate becomes U+FFFD, as in a browser. */
export function encodeComponent(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return encodeURIComponent(new TextDecoder().decode(Buffer.from(text)));
  }
}

function elementKey(key: string, index: number, style: ArrayStyle): string {
  if (style === 'repeat') return key;
  return style === 'brackets' ? `${key}[]` : `${key}[${index}]`;
}
