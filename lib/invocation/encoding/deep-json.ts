/** An array or object of which a part is written. */
interface Open {
  readonly value: object;
  readonly entries: Iterator<readonly [key: string, value: unknown]>;
  readonly end: string;
  isFirst: boolean;
}

/**
 * Writes JSON however deep it is nested. `JSON.stringify` calls itself for each
 * level, and has no room on the stack for what `JSON.parse` reads.
 *
 * @throws TypeError for a value that holds itself, as `JSON.stringify` does
 */
export function stringifyJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return writeDeep(value as object);
  }
}

function writeDeep(root: object): string {
  const open = [opened(root)];
  const holders = new Set<object>([root]);
  let text = startOf(root);
  for (let top = open[0]; top !== undefined; top = open.at(-1)) {
    const { done, value: entry } = top.entries.next();
    if (done) {
      text += top.end;
      holders.delete(top.value);
      open.pop();
      continue;
    }
    const isArray = top.end === ']';
    const [key, value] = entry;
    const isDeep = isPlain(value);
    const written = isDeep ? startOf(value) : JSON.stringify(value);
    if (written === undefined && !isArray) continue;
    text +=
      (top.isFirst ? '' : ',') +
      (isArray ? '' : `${JSON.stringify(key)}:`) +
      (written ?? 'null');
    top.isFirst = false;
    if (isDeep) {
      if (holders.has(value)) {
        throw new TypeError('The value holds itself');
      }
      holders.add(value);
      open.push(opened(value));
    }
  }
  return text;
}

function opened(value: object): Open {
  return {
    value,
    entries: Object.entries(value)[Symbol.iterator](),
    end: Array.isArray(value) ? ']' : '}',
    isFirst: true,
  };
}

function startOf(value: object): string {
  return Array.isArray(value) ? '[' : '{';
}

/** Whether it is written by its entries: a date is not. */
function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { toJSON?: unknown }).toJSON !== 'function'
  );
}
