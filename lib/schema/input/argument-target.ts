import { isSchema, type JsonSchema } from '../json-schema/schema-keywords.js';
import { dereference } from '../json-schema/schema-reference.js';
import type { ArgumentTarget } from './input-schema.interface.js';

/** One value of the request before it has a name among the tool's arguments. */
export interface Argument {
  readonly source: ArgumentTarget['source'];
  /** The name in the request; undefined for the whole body. */
  readonly field: string | undefined;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** Query only: what joins the elements of a list to one value. */
  readonly delimiter?: string | undefined;
  /** Whether only a schema that names it makes it an argument. @default false */
  readonly isHidden?: boolean;
}

/** What a whole object brings: one argument per property. */
export interface ObjectShape {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
  /** Undefined or false for a closed object. */
  readonly additionalProperties: unknown;
}

/** The binding of a value to an argument; in the query, its schema decides how it is written. */
export function bindArgument(
  argument: string,
  {
    source,
    field,
    schema,
    delimiter,
  }: Pick<Argument, 'source' | 'field' | 'schema' | 'delimiter'>,
): ArgumentTarget {
  return source === 'query'
    ? {
        argument,
        source,
        field,
        style: queryStyle(schema),
        ...(delimiter !== undefined && { delimiter }),
      }
    : { argument, source, field };
}

function queryStyle(schema: JsonSchema): NonNullable<ArgumentTarget['style']> {
  const { type, items, anyOf, oneOf } = dereference(schema);
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('array')) {
    const nested = isSchema(items) && queryStyle(items) === 'nested';
    return nested ? 'nested' : 'repeat';
  }
  if (types.includes('object')) {
    return 'nested';
  }
  const styles = [anyOf, oneOf]
    .flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
    .map((each) => (isSchema(each) ? queryStyle(each) : 'plain'));
  return styles.find((style) => style !== 'plain') ?? 'plain';
}
