/** Is told of a part of a schema that JSON Schema cannot express, and that allows any value instead. */
export type OnGap = (part: string) => void;

/** Tells the developer in one line which parts of a tool's input have no description. */
export function warnOfGaps(
  gaps: readonly string[],
  origin: string,
  warn: (message: string) => void,
): void {
  if (gaps.length > 0) {
    warn(
      `${origin} takes what JSON Schema has no words for, so any value is allowed there: ` +
        `${[...new Set(gaps)].join(', ')}.`,
    );
  }
}

/** A date travels as text; JSON has no other. */
const DATE = { type: 'string', format: 'date-time' };

/** Zod's types that JSON Schema lacks. Zod itself writes `{}` for them, or the part that it can. */
const ZOD_GAPS = new Set([
  'bigint',
  'custom',
  'function',
  'map',
  'nan',
  'promise',
  'set',
  'symbol',
  'transform',
]);

/**
 * Options by which a library describes a schema instead of refusing it
 * (Standard JSON Schema, `libraryOptions`): dates as `date-time`, what JSON
 * Schema cannot express as any value, of which `onGap` is told.
 */
export function lenientOptions(
  vendor: string,
  onGap: OnGap,
): Record<string, unknown> | undefined {
  switch (vendor) {
    case 'zod':
      return { unrepresentable: 'any', override: zodOverride(onGap) };
    case 'arktype':
      return { fallback: arkTypeFallback(onGap) };
    case 'valibot':
      return { errorMode: 'ignore', overrideSchema: valibotOverride(onGap) };
    default:
      return undefined;
  }
}

function zodOverride(onGap: OnGap) {
  const told = new Set<string>();
  return (context: {
    readonly zodSchema: { readonly _zod: { readonly def: { type: string } } };
    readonly jsonSchema: Record<string, unknown>;
    readonly path?: readonly (string | number)[];
  }): void => {
    const { jsonSchema, path = [] } = context;
    const { type } = context.zodSchema._zod.def;
    if (type === 'date') {
      Object.assign(jsonSchema, DATE);
    } else if (ZOD_GAPS.has(type) && !isDescribed(jsonSchema)) {
      const part = partOf(fieldOf(path), type);
      if (!told.has(part)) {
        told.add(part);
        onGap(part);
      }
    }
  };
}

/** `.meta({ type: … })` of the developer's own is a description. */
const isDescribed = (schema: Record<string, unknown>): boolean =>
  ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf'].some(
    (keyword) => keyword in schema,
  );

function arkTypeFallback(onGap: OnGap) {
  return ({
    code,
    base,
  }: {
    readonly code: string;
    readonly base: Record<string, unknown>;
  }): unknown => {
    if (code === 'date') {
      return { ...base, ...DATE };
    }
    if (code === 'defaultValue') {
      return undefined;
    }
    if (Object.keys(base).length === 0) {
      onGap(partOf('', code));
    }
    return base;
  };
}

function valibotOverride(onGap: OnGap) {
  return ({
    valibotSchema,
    errors,
  }: {
    readonly valibotSchema: { readonly type: string };
    readonly errors?: readonly string[] | undefined;
  }): Record<string, unknown> | undefined => {
    if (valibotSchema.type === 'date') {
      return DATE;
    }
    if (errors && errors.length > 0) {
      onGap(partOf('', valibotSchema.type));
    }
    return undefined;
  };
}

const partOf = (field: string, type: string): string =>
  field === '' ? `a ${type}` : `\`${field}\` (${type})`;

/** `properties/a/properties/l/items` as `a.l[]`. */
function fieldOf(path: readonly (string | number)[]): string {
  let field = '';
  for (let index = 0; index < path.length; index++) {
    if (path[index] === 'properties') {
      index += 1;
      field += `${field === '' ? '' : '.'}${String(path[index])}`;
    } else if (path[index] === 'items') {
      field += '[]';
    }
  }
  return field;
}
