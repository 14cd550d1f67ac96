import { isSchema, type JsonSchema, mapSubschemas } from './schema-keywords.js';

/**
 * A definition that other schemas point to: while a schema is being built, its
 * `$ref` holds this object instead of a string. Two definitions are the same
 * only if they are the same object, so equal names never meet, and since the
 * target is made on first use, a class may refer to itself.
 */
export class SchemaReference {
  // Not `private`: inside a schema, own properties would pass for keywords.
  #schema: JsonSchema | undefined;
  #building = false;
  readonly #build: () => JsonSchema;

  /** @param type the target's type, where it is known before the target is made */
  constructor(
    readonly name: string,
    build: () => JsonSchema,
    readonly type?: string,
  ) {
    this.#build = build;
  }

  /** The target; of one that is just being made, its type alone. */
  get schema(): JsonSchema {
    if (this.#schema === undefined && !this.#building) {
      this.#building = true;
      this.#schema = this.#build();
      this.#building = false;
    }
    return this.#schema ?? (this.type === undefined ? {} : { type: this.type });
  }
}

/** The definition that a schema points to, if it points to one. */
export const referenceOf = (schema: JsonSchema): SchemaReference | undefined =>
  schema['$ref'] instanceof SchemaReference ? schema['$ref'] : undefined;

/** The schema itself, or what it points to at the end of a chain of plain `$ref`s. */
export function dereference(schema: JsonSchema): JsonSchema {
  if (!referenceOf(schema)) {
    return schema;
  }
  const seen = new Set<SchemaReference>();
  let current = schema;
  for (
    let reference = referenceOf(current);
    reference && !seen.has(reference);
    reference = referenceOf(current)
  ) {
    seen.add(reference);
    const { $ref: _, ...siblings } = current;
    current = { ...reference.schema, ...siblings };
  }
  return current;
}

/**
 * Turns the `#…` pointers of a self-contained schema into references, so that
 * parts of it can be moved into another schema. A pointer that leads nowhere
 * is left as it is, for the validator to report.
 *
 * @param name names the whole document where it refers to itself (`#`)
 */
export function linkLocalReferences(
  document: JsonSchema,
  name: string,
): JsonSchema {
  const references = new Map<string, SchemaReference>();
  const link = (schema: JsonSchema): JsonSchema => {
    const { $ref, $defs: _, definitions: __, ...rest } = schema;
    const linked = mapSubschemas(rest, link);
    if (typeof $ref !== 'string') {
      return linked;
    }
    return { ...linked, $ref: reference($ref) ?? $ref };
  };
  const reference = (pointer: string): SchemaReference | undefined => {
    const known = references.get(pointer);
    const target = known ? undefined : resolvePointer(document, pointer);
    if (!target) {
      return known;
    }
    const last = pointer.split('/').at(-1);
    const made = new SchemaReference(
      pointer === '#' || last === undefined ? name : unescape(last),
      () => link(target),
    );
    references.set(pointer, made);
    return made;
  };
  return link(document);
}

/** `Cat` for `#/$defs/Cat`; undefined for what points anywhere else. */
export const definitionNameOf = (pointer: unknown): string | undefined =>
  typeof pointer === 'string'
    ? /^#\/\$defs\/([^/]+)$/.exec(pointer)?.[1]
    : undefined;

/** The subschema at a JSON pointer in a URI fragment (RFC 6901, section 6). */
export function resolvePointer(
  document: JsonSchema,
  pointer: string,
): JsonSchema | undefined {
  if (pointer === '#') {
    return document;
  }
  if (!pointer.startsWith('#/')) {
    return undefined;
  }
  let current: unknown = document;
  for (const part of pointer.slice(2).split('/').map(unescape)) {
    if (typeof current !== 'object' || current === null) {
      return undefined;
    }
    current = Object.hasOwn(current, part)
      ? (current as Record<string, unknown>)[part]
      : undefined;
  }
  return isSchema(current) ? current : undefined;
}

function unescape(part: string): string {
  let decoded = part;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    // Not percent-encoded: the pointer is meant literally.
  }
  return decoded.replaceAll('~1', '/').replaceAll('~0', '~');
}
