import type { Type } from '@nestjs/common';
import { swaggerName } from '../../nest/swagger-metadata.js';
import {
  ANNOTATIONS,
  isSchema,
  type JsonSchema,
  KEYWORDS,
  mapSubschemas,
  without,
} from '../json-schema/schema-keywords.js';
import { SchemaReference } from '../json-schema/schema-reference.js';

/** Where the definition of a DTO class is found. */
export interface ClassReferences {
  /** Undefined for a class without metadata. */
  referenceTo(type: Type<unknown>): SchemaReference | undefined;
}

const COMPONENTS = '#/components/schemas/';

/**
 * Finds the class behind `#/components/schemas/Cat`: the first of the
 * candidates that has the name. What is no class (a named enum, a schema
 * written by hand) is taken from the document.
 *
 * @param components the document's, asked for when needed
 */
export function componentResolver(
  components: () => Readonly<Record<string, unknown>>,
  candidates: readonly Type<unknown>[],
  models: ClassReferences,
): ResolveReference {
  const written = new Map<string, SchemaReference>();
  const resolve: ResolveReference = (ref) => {
    if (!ref.startsWith(COMPONENTS)) {
      return undefined;
    }
    const name = decodeURIComponent(ref.slice(COMPONENTS.length));
    const type = candidates.find((each) => swaggerName(each) === name);
    const model = type && models.referenceTo(type);
    if (model) {
      return model;
    }
    const component: unknown = components()[name];
    if (!isSchema(component)) {
      return undefined;
    }
    const reference =
      written.get(name) ??
      new SchemaReference(name, () => fromOpenApi(component, resolve));
    written.set(name, reference);
    return reference;
  };
  return resolve;
}

/** Finds what a `$ref` of the document means; undefined for one that leads nowhere. */
type ResolveReference = (ref: string) => SchemaReference | undefined;

/**
 * Converts a schema of OpenAPI 3.0 (section 4.7.24, "Schema Object") to JSON
 * Schema 2020-12. `nullable` stays, until the bundler writes it out: sources
 * are merged first. Schemas that are 2020-12 already come out as they are.
 */
export function fromOpenApi(
  schema: JsonSchema,
  resolve: ResolveReference,
): JsonSchema {
  const { $ref, example, ...rest } = exclusiveLimits(schema);
  const target = typeof $ref === 'string' ? resolve($ref) : undefined;
  const node: Record<string, unknown> = {
    ...(target && { $ref: target }),
    ...mapSubschemas(tupleItems(rest), (each) => fromOpenApi(each, resolve)),
  };
  if (example !== undefined && !('examples' in node)) {
    node['examples'] = [example];
  }
  if ('examples' in node && !Array.isArray(node['examples'])) {
    delete node['examples'];
  }
  if ('pattern' in node) {
    node['pattern'] = patternSource(node['pattern']);
  }
  for (const keyword of Object.keys(node)) {
    // OpenAPI's own (`xml`, `discriminator`, `x-…`), and what swagger leaves undefined.
    if (!KEYWORDS.has(keyword) && keyword !== 'nullable') {
      delete node[keyword];
    } else if (node[keyword] === undefined) {
      delete node[keyword];
    }
  }
  if (node['type'] === 'file') {
    node['type'] = 'string';
    node['format'] = 'binary';
  }
  return simplifyAllOf(node);
}

/**
 * A pattern's source. Versions of the Swagger plugin until 2026 write a regular
 * expression as JavaScript does, `/^abc$/i`. JSON Schema has no flags: a
 * pattern with one that lets it match more is left out.
 */
function patternSource(pattern: unknown): unknown {
  const written = pattern instanceof RegExp ? String(pattern) : pattern;
  const literal =
    typeof written === 'string'
      ? /^\/(.+)\/([dgimsuvy]*)$/s.exec(written)
      : null;
  const [, source, flags = ''] = literal ?? [];
  return literal === null ? written : /[imsv]/.test(flags) ? undefined : source;
}

/** In OpenAPI 3.0 `exclusiveMinimum` is a flag on `minimum`; in 2020-12 it is the limit. */
function exclusiveLimits(schema: JsonSchema): JsonSchema {
  const result: Record<string, unknown> = { ...schema };
  for (const [limit, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    if (typeof result[exclusive] === 'boolean') {
      if (result[exclusive] && result[limit] !== undefined) {
        result[exclusive] = result[limit];
        delete result[limit];
      } else {
        delete result[exclusive];
      }
    }
  }
  return result;
}

function tupleItems(schema: JsonSchema): JsonSchema {
  const { items, ...rest } = schema;
  return Array.isArray(items)
    ? { ...rest, prefixItems: items, minItems: items.length, items: false }
    : schema;
}

/** `allOf` of one reference only carries siblings, which 2020-12 allows beside `$ref`. */
function simplifyAllOf(schema: JsonSchema): JsonSchema {
  const allOf = schema['allOf'];
  const inner: unknown = Array.isArray(allOf) ? allOf[0] : undefined;
  const harmless = [...ANNOTATIONS, 'allOf', 'nullable', 'type'];
  const others = Object.keys(schema);
  if (
    !Array.isArray(allOf) ||
    allOf.length !== 1 ||
    !isSchema(inner) ||
    !others.every((keyword) => harmless.includes(keyword))
  ) {
    return schema;
  }
  // Swagger puts `type: object` beside a nullable reference, enums included.
  return { ...inner, ...without(schema, ['allOf', 'type']) };
}
