import type { ArgumentTarget } from './argument-target.js';

/** Who keeps the plain name when several values of a request share it. */
const PRECEDENCE: readonly ArgumentTarget['source'][] = [
  'path',
  'query',
  'header',
  'body',
  'file',
  'files',
];

/** Files travel in the body. */
const PREFIXES = {
  path: 'path',
  query: 'query',
  header: 'header',
  body: 'body',
  file: 'body',
  files: 'body',
} as const;

interface Named {
  readonly source: ArgumentTarget['source'];
  readonly field: string | undefined;
}

/**
 * Names every value of a request: by its own name, or, after a clash, by
 * where it goes (`id`, `body_id`). Names hold only what model providers accept
 * for a property: `A-Z a-z 0-9 _ . -`.
 */
export function nameArguments<T extends Named>(
  values: readonly T[],
): Map<T, string> {
  const names = new Map<T, string>();
  const taken = new Set<string>();
  const ordered: T[] = [];
  for (const source of PRECEDENCE) {
    for (const value of values) {
      if (value.source === source) {
        ordered.push(value);
      }
    }
  }
  // All plain names first: a renamed value must not take another's own.
  for (const value of ordered) {
    const plain = plainName(value);
    if (!taken.has(plain)) {
      taken.add(plain);
      names.set(value, plain);
    }
  }
  if (names.size === values.length) {
    return names;
  }
  for (const value of ordered.filter((each) => !names.has(each))) {
    const base = `${PREFIXES[value.source]}_${plainName(value)}`;
    let name = base;
    for (let count = 2; taken.has(name); count++) {
      name = `${base}_${count}`;
    }
    taken.add(name);
    names.set(value, name);
  }
  return names;
}

function plainName({ source, field }: Named): string {
  const wanted = field ?? source;
  if (/^[\w.-]+$/.test(wanted) && wanted !== '__proto__') {
    return wanted;
  }
  const allowed = wanted.replace(/[^\w.-]+/g, '_');
  // `tags[]` is `tags`. `__proto__` is no property of an object like others.
  return allowed.replace(/^_+|(?<!_)_+$/g, '') || source;
}
