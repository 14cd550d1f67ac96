import { kindOf, VALUE_KINDS } from './option-values.js';

/** The name that is most likely meant by a misspelt one; undefined where none is near. */
export function nearestName(
  misspelt: string,
  names: readonly string[],
): string | undefined {
  const wanted = misspelt.toLowerCase();
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const most = Math.max(1, Math.floor(name.length / 3));
    const edits =
      Math.abs(name.length - wanted.length) > most
        ? Infinity
        : editsBetween(wanted, name.toLowerCase());
    if (edits <= most && edits < fewest) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

/** Characters to insert, remove or replace (Levenshtein's distance). */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line++) {
    const row = [line];
    for (let column = 1; column <= b.length; column++) {
      const replaced = a[line - 1] === b[column - 1] ? 0 : 1;
      row[column] = Math.min(
        (above[column] ?? 0) + 1,
        (row[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + replaced,
      );
    }
    above = row;
  }
  return above[b.length] ?? 0;
}

/** What is known of the value of one option. */
type OptionEntry =
  /** It is looked at elsewhere. */
  | true
  /** A function that a class may have as its method. */
  | 'method'
  /** True or false, and nothing that only counts as one of them. */
  | 'flag'
  /** A text. */
  | 'text'
  /** A text that is not empty. */
  | 'name'
  /** True, false or a text that is not empty. */
  | 'question'
  /** A function. */
  | 'function'
  /** A list of functions. */
  | 'functions'
  /** A list of classes and instances. */
  | 'enhancers'
  /** An object whose keys are somebody else's: headers, `_meta`. */
  | 'object'
  /** A list of texts. */
  | 'texts'
  /** A list of classes, or of their names. */
  | 'classes'
  /** An object of options. */
  | OptionTable
  /** A list of such objects. */
  | readonly [OptionTable]
  /** An object of options, or something else: then undefined. */
  | ((value: unknown) => OptionTable | undefined);

/** The keys of an object of options. */
export interface OptionTable {
  readonly [key: string]: OptionEntry;
}

/**
 * The table of the options `T`. It has every key of `T` and no other, so that
 * an option cannot be added to one of them alone.
 */
export type OptionKeys<T extends object> = {
  readonly [Key in keyof Required<T>]: OptionEntry;
};

/** For options that may be something else than an object, and are told from it elsewhere. */
export function ifObject(
  table: OptionTable,
): (value: unknown) => OptionTable | undefined {
  return (value) =>
    typeof value === 'object' && value !== null ? table : undefined;
}

/** Where an option is: keys, and positions in lists. */
type OptionPath = readonly (string | number)[];

interface Fault {
  readonly path: OptionPath;
  readonly problem: string;
}

/** Options that tell which of several servers or operations is meant. */
const IDENTIFIERS = ['name', 'path', 'uri'];

/**
 * Refuses options that do not exist: TypeScript does not look at what a factory
 * returns, and a misspelt `exclude` or `requiredScopes` would open a door.
 *
 * @param place how the options are given, with `…` in their place:
 * `McpModule.forRoot(…)`
 * @param elsewhere what to do about an option that belongs somewhere else
 * @throws Error naming the key, its place and the nearest option
 */
export function checkOptions<T extends object>(
  place: string,
  options: T,
  table: OptionKeys<NoInfer<T>>,
  elsewhere: Readonly<Record<string, string>> = {},
): void {
  const fault = findFault(options, table, [], elsewhere);
  if (fault) {
    const { path, problem } = fault;
    const given =
      path.length === 0
        ? kindOf(options)
        : written(path, identityOf(options, path[0]));
    throw new Error(`${place.replace('…', () => given)}: ${problem}`);
  }
}

function findFault(
  value: unknown,
  table: OptionTable,
  path: OptionPath,
  elsewhere: Readonly<Record<string, string>> = {},
): Fault | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { path, problem: wrongKind(path, value, 'an object of options') };
  }
  const given = value as Readonly<Record<string, unknown>>;
  for (const [key, member] of Object.entries(given)) {
    const entry = Object.hasOwn(table, key) ? table[key] : undefined;
    if (entry === undefined) {
      const at = [...path, key];
      const remedy = Object.hasOwn(elsewhere, key)
        ? elsewhere[key]
        : suggestion(key, Object.keys(table));
      return { path: at, problem: `${nameOf(at)} is no option. ${remedy}` };
    }
    const fault =
      member === undefined ? undefined : faultOf(member, entry, [...path, key]);
    if (fault) {
      return fault;
    }
  }
  // Options are copied by their own keys: what a class inherits would be lost.
  const inherited = Object.keys(table).find(
    (key) =>
      table[key] !== 'method' &&
      key in given &&
      !Object.prototype.propertyIsEnumerable.call(given, key),
  );
  return inherited === undefined
    ? undefined
    : {
        path: [...path, inherited],
        problem: `${inherited} is inherited from a class, or not enumerable. Make it a property of the object itself.`,
      };
}

function faultOf(
  value: unknown,
  entry: OptionEntry,
  path: OptionPath,
): Fault | undefined {
  if (entry === true || entry === 'method') {
    return undefined;
  }
  if (typeof entry === 'string') {
    const { right, holds } = VALUE_KINDS[entry];
    return holds(value)
      ? undefined
      : { path, problem: wrongKind(path, value, right) };
  }
  if (typeof entry === 'function') {
    const table = entry(value);
    return table && findFault(value, table, path);
  }
  if (!isList(entry)) {
    return findFault(value, entry, path);
  }
  if (!Array.isArray(value)) {
    return { path, problem: wrongKind(path, value, 'a list of objects') };
  }
  for (const [position, item] of value.entries()) {
    const fault = findFault(item, entry[0], [...path, position]);
    if (fault) {
      return fault;
    }
  }
  return undefined;
}

function isList(
  entry: OptionTable | readonly [OptionTable],
): entry is readonly [OptionTable] {
  return Array.isArray(entry);
}

/** `{ auth: { requiredScope } }`, after `members` of the outermost object. */
function written(path: OptionPath, members: readonly string[]): string {
  return path.reduceRight<string>((value, part, depth) => {
    if (typeof part === 'number') {
      return `[${value === '' ? '…' : value}]`;
    }
    const own = value === '' ? quoted(part) : `${quoted(part)}: ${value}`;
    return `{ ${[...(depth === 0 ? members : []), own].join(', ')} }`;
  }, '');
}

/** The members that tell what is configured, unless the fault is one of them. */
function identityOf(options: unknown, fault: unknown): readonly string[] {
  const given = Object(options) as Readonly<Record<string, unknown>>;
  return IDENTIFIERS.filter(
    (name) => name !== fault && typeof given[name] === 'string',
  ).map((name) => `${name}: ${JSON.stringify(given[name])}`);
}

function wrongKind(path: OptionPath, value: unknown, right: string): string {
  const found =
    path.length === 0 ? '' : `${nameOf(path)} is ${kindOf(value)}. `;
  return `${found}Give ${right}.`;
}

function nameOf(path: OptionPath): string {
  const [last = '', owner = ''] = [path.at(-1), path.at(-2)];
  return typeof last === 'number' ? `${owner}[${last}]` : quoted(last);
}

function quoted(key: string): string {
  return /^[\w$]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
}

function suggestion(key: string, names: readonly string[]): string {
  const nearest = nearestName(key, names);
  return nearest === undefined
    ? `There are ${names.join(', ')}.`
    : `Did you mean ${nearest}?`;
}
