import type { JsonSchema } from './json-schema.interface.js';

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
