/** A JSON value of which one array lost its tail. */
export interface CutJson {
  readonly value: unknown;
  readonly text: string;
  /** Where the array is: `items`, `page.items`; empty for the root. */
  readonly path: string;
  readonly shown: number;
  readonly total: number;
}

interface FoundArray {
  readonly keys: readonly string[];
  readonly elements: readonly unknown[];
  readonly size: number;
}

/**
 * Shortens the largest array of a value (the root or one in its objects) until
 * the text fits, element by element.
 *
 * @returns undefined where not one element fits, or there is no array
 */
export function cutJson(
  value: unknown,
  maxBytes: number,
  stringify: (value: unknown) => string,
): CutJson | undefined {
  const array = largestArray(value, []);
  if (array === undefined) {
    return undefined;
  }
  const { keys, elements } = array;
  let shown = 0;
  let best: { value: unknown; text: string } | undefined;
  for (let low = 1, high = elements.length - 1; low <= high;) {
    const middle = (low + high) >> 1;
    const candidate = replaceAt(value, keys, elements.slice(0, middle));
    const text = stringify(candidate);
    if (Buffer.byteLength(text) <= maxBytes) {
      shown = middle;
      best = { value: candidate, text };
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return (
    best && { ...best, path: keys.join('.'), shown, total: elements.length }
  );
}

// Arrays inside arrays are left whole: an element is cut off or it is not.
function largestArray(
  value: unknown,
  keys: readonly string[],
): FoundArray | undefined {
  if (Array.isArray(value)) {
    return { keys, elements: value, size: JSON.stringify(value).length };
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  let largest: FoundArray | undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = largestArray(member, [...keys, key]);
    if (found && (!largest || found.size > largest.size)) {
      largest = found;
    }
  }
  return largest;
}

function replaceAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  replacement: unknown,
): unknown {
  if (key === undefined) {
    return replacement;
  }
  const object = value as Record<string, unknown>;
  return { ...object, [key]: replaceAt(object[key], rest, replacement) };
}
