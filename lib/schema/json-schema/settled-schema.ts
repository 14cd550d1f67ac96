import type { JsonSchema } from './json-schema.interface.js';
import { ANNOTATIONS, isSchema, keywordsOf } from './schema-keywords.js';

/** Keywords of which each is right beside its type, whatever its value but for `required`. */
const SETTLED_KEYWORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  ['string', 'number', 'integer', 'boolean', 'array', 'object'].map((type) => [
    type,
    new Set([
      'type',
      'nullable',
      ...ANNOTATIONS,
      ...keywordsOf(type === 'integer' ? 'number' : type).filter(
        (keyword) => !['format', 'pattern', 'prefixItems'].includes(keyword),
      ),
    ]),
  ]),
);

/**
 * The result at once for a schema of one type with nothing that could be at
 * odds with it, as most are; undefined for any other.
 */
export function settledSchema(schema: JsonSchema): JsonSchema | undefined {
  const { type } = schema;
  const keywords =
    typeof type === 'string' ? SETTLED_KEYWORDS.get(type) : undefined;
  if (!keywords) {
    return undefined;
  }
  for (const keyword in schema) {
    if (!keywords.has(keyword)) {
      return undefined;
    }
  }
  if (!('required' in schema) && !('nullable' in schema)) {
    return schema;
  }
  const { required, nullable: isNullable, ...rest } = schema;
  return required === undefined || areDefined(required, schema['properties'])
    ? {
        ...rest,
        ...(isNullable === true && { type: [type, 'null'] }),
        ...(required !== undefined && { required }),
      }
    : undefined;
}

/** Whether it is a list of properties that are defined, each once. */
function areDefined(required: unknown, properties: unknown): boolean {
  return (
    Array.isArray(required) &&
    required.length > 0 &&
    new Set(required).size === required.length &&
    isSchema(properties) &&
    required.every(
      (name) => typeof name === 'string' && Object.hasOwn(properties, name),
    )
  );
}
