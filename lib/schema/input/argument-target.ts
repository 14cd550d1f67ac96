import type { JsonSchema } from '../json-schema/schema-keywords.js';
import type { ArgumentTarget } from './input-schema.interface.js';

/** One value of the request before it has a name among the tool's arguments. */
export interface Argument {
  readonly source: ArgumentTarget['source'];
  /** The name in the request; undefined for the whole body. */
  readonly field: string | undefined;
  readonly schema: JsonSchema;
  readonly required: boolean;
  /** What joins the elements of a list to one value; undefined where its place has a form for lists. */
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

/** The binding of a value to an argument. */
export function bindArgument(
  argument: string,
  {
    source,
    field,
    delimiter,
  }: Pick<Argument, 'source' | 'field' | 'delimiter'>,
): ArgumentTarget {
  return {
    argument,
    source,
    field,
    ...(delimiter !== undefined && { delimiter }),
  };
}
