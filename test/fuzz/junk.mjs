/** What nobody means to send, in place of what somebody would. */

const nested = (depth, wrap) => {
  let value = 1;
  for (let level = 0; level < depth; level++) {
    value = wrap(value);
  }
  return value;
};

const TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e\u2066',
  '\ufeff',
  'e\u0301'.repeat(50),
  '𝕏'.repeat(500),
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '%00%2e%2e%2f',
  "' OR 1=1 --",
  '<script>alert(1)</script>',
  '${7*7}{{7*7}}',
  '\r\nX-Injected: 1',
  'a'.repeat(20_000),
  '9'.repeat(400),
  'true',
  'null',
  'NaN',
  '-0',
  '1e999',
];

const VALUES = [
  null,
  true,
  false,
  0,
  -1,
  0.1,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  [],
  {},
  [[]],
  [[{}, {}]],
  [null],
  { toString: 1 },
  { valueOf: null, toString: null },
  { length: -1 },
  JSON.parse('{"then":1}'),
  { toJSON: 1 },
  JSON.parse('{"__proto__":{"polluted":true}}'),
  JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  nested(60, (value) => [value]),
  nested(60, (value) => ({ a: value })),
  'DEEP-ARRAY',
  'DEEP-OBJECT',
  Array.from({ length: 1000 }, (_, index) => index),
  Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`key${index}`, index]),
  ),
];

export const junkText = (random) => random.pick(TEXTS);

export const junk = (random) =>
  random.chance(0.4) ? junkText(random) : random.pick(VALUES);

/** Levels that no recursion survives, ours included: they are written as text. */
const DEEP = 5000;

/** The value as JSON. */
export const written = (value) =>
  (JSON.stringify(value) ?? '')
    .replaceAll('"DEEP-ARRAY"', '['.repeat(DEEP) + ']'.repeat(DEEP))
    .replaceAll('"DEEP-OBJECT"', '{"a":'.repeat(DEEP) + '1' + '}'.repeat(DEEP));

/** The value with one of its places changed, added or left out. */
export function mutated(value, random) {
  const copy = structuredClone(value);
  const places = placesOf(copy);
  if (places.length === 0 || random.chance(0.02)) {
    return junk(random);
  }
  const { owner, key } = random.pick(places);
  const way = random.next();
  if (way < 0.6) {
    define(owner, key, junk(random));
  } else if (way < 0.75) {
    delete owner[key];
  } else if (way < 0.9) {
    define(owner, junkText(random), junk(random));
  } else {
    define(owner, key, [owner[key]]);
  }
  return copy;
}

/** Every member of every object, however deep. */
function placesOf(value, places = []) {
  if (typeof value === 'object' && value !== null && places.length < 200) {
    for (const key of Object.keys(value)) {
      places.push({ owner: value, key });
      placesOf(value[key], places);
    }
  }
  return places;
}

/** Also `__proto__` becomes a member of its own. */
function define(owner, key, value) {
  Object.defineProperty(owner, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/** A header's value as Node would send it: Latin-1, in one line. */
export const headerText = (random) =>
  junkText(random)
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .slice(0, 4000);
