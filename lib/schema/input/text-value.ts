import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { resolvePointer } from '../json-schema/local-references.js';

/** Schemas may be recursive; the types of an argument are found before that. */
const DEPTH = 8;

/**
 * The JSON types that a schema allows, as far as it says so; empty where it
 * does not.
 *
 * @param root the document in which its references lead somewhere
 */
export function typesIn(
  schema: unknown,
  root: JsonSchema,
  depth = 0,
): ReadonlySet<string> {
  if (typeof schema !== 'object' || schema === null || depth > DEPTH) {
    return new Set();
  }
  const {
    $ref,
    type,
    enum: values,
    const: constant,
    ...rest
  } = schema as JsonSchema;
  if (type !== undefined) {
    return new Set([type].flat() as string[]);
  }
  if (typeof $ref === 'string') {
    return typesIn(resolvePointer(root, $ref), root, depth + 1);
  }
  const alternatives = ['anyOf', 'oneOf', 'allOf'].flatMap(
    (keyword) => (rest[keyword] ?? []) as unknown[],
  );
  return new Set([
    ...((values ?? []) as unknown[]).map((value) => typeof value),
    ...(constant === undefined ? [] : [typeof constant]),
    ...alternatives.flatMap((each) => [...typesIn(each, root, depth + 1)]),
  ]);
}

/** What a text stands for where one of these types is wanted; the text itself where it stands for none. */
export function readText(text: string, types: ReadonlySet<string>): unknown {
  if (types.size === 0 || types.has('string')) {
    return text;
  }
  if (types.has('boolean') && (text === 'true' || text === 'false')) {
    return text === 'true';
  }
  return (types.has('number') || types.has('integer')) && isNumber(text)
    ? Number(text)
    : text;
}

function isNumber(text: string): boolean {
  return /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/.test(text);
}
