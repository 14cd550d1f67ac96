import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { resolvePointer } from '../json-schema/schema-reference.js';
import { describeIssues } from '../validation/schema-issue.js';
import { SchemaValidator } from '../validation/schema.validator.js';

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

/** Arguments as they arrive from a URI or a form: text, or several of them. */
export type TextValues = Readonly<Record<string, string | readonly string[]>>;

/** What was made of them. */
type ReadArguments =
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly problem: string };

/**
 * Holds textual arguments against a schema, after reading what it wants as a
 * number, a boolean or an array.
 */
export class TextArguments {
  private readonly validator: SchemaValidator;

  /**
   * @param name for messages: `arguments of Prompts.review`
   * @throws Error with the name, for an invalid schema
   */
  constructor(
    private readonly schema: JsonSchema,
    name: string,
    validateFormats = true,
  ) {
    this.validator = new SchemaValidator(schema, name, { validateFormats });
  }

  /** The values for the method, or what is wrong with them. */
  read(values: TextValues): ReadArguments {
    const properties = (this.schema['properties'] ?? {}) as Readonly<
      Record<string, unknown>
    >;
    const read = Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        Object.hasOwn(properties, name)
          ? this.convert(value, properties[name])
          : value,
      ]),
    );
    const issues = this.validator.issuesOf(read);
    return issues.length > 0
      ? { problem: `Invalid arguments: ${describeIssues(issues)}` }
      : { values: read };
  }

  private convert(value: string | readonly string[], schema: unknown): unknown {
    if (typeof value !== 'string') {
      const { items } = schema as JsonSchema;
      return value.map((each) => this.convert(each, items));
    }
    const types = typesIn(schema, this.schema);
    const read = readText(value, types);
    return read === value && types.has('array') && !types.has('string')
      ? this.convert([value], schema)
      : read;
  }
}
