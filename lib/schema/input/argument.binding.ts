import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import { dereference } from '../json-schema/schema-reference.js';
import type { Argument } from './argument.interface.js';
import type { ArgumentBinding } from './input-schema.interface.js';

/** The binding of a value to an argument; in the query, its schema decides how it is written. */
export function bindArgument(
  argument: string,
  {
    source,
    field,
    schema,
    delimiter,
  }: Pick<Argument, 'source' | 'field' | 'schema' | 'delimiter'>,
): ArgumentBinding {
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

function queryStyle(schema: JsonSchema): NonNullable<ArgumentBinding['style']> {
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
