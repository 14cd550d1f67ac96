import type { JsonSchema } from './json-schema.interface.js';
import { isSchema, mapSubschemas } from './schema-keywords.js';
import { SchemaReference } from './schema-reference.js';

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
