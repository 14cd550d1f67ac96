import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { resolvePointer } from '../json-schema/local-references.js';
import { SchemaValidator } from '../validation/schema.validator.js';

/** Arguments as they arrive from a URI or a form: text, or several of them. */
export type TextValues = Readonly<Record<string, string | readonly string[]>>;

/** What was made of them. */
export type ReadArguments =
  | { readonly values: Readonly<Record<string, unknown>> }
  | { readonly problem: string };

/** Schemas may be recursive; the types of an argument are found before that. */
const DEPTH = 8;

/**
 * Holds textual arguments against a schema, after reading what it wants as a
 * number, a boolean or an array.
 */
export class TextArguments {
  private readonly validator: SchemaValidator;

  /**
   * @param name for messages: `arguments of Prompts.review`
   * @throws Error with the name, for a schema that is none
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
    const issue = this.validator.validate(read);
    return issue
      ? { problem: `Invalid arguments: ${issue.message}` }
      : { values: read };
  }

  private convert(value: string | readonly string[], schema: unknown): unknown {
    const types = this.typesOf(schema);
    if (typeof value !== 'string') {
      const { items } = schema as JsonSchema;
      return value.map((each) => this.convert(each, items));
    }
    if (types.size === 0 || types.has('string')) {
      return value;
    }
    if (types.has('boolean') && (value === 'true' || value === 'false')) {
      return value === 'true';
    }
    if ((types.has('number') || types.has('integer')) && isNumber(value)) {
      return Number(value);
    }
    return types.has('array') ? this.convert([value], schema) : value;
  }

  private typesOf(schema: unknown, depth = 0): Set<string> {
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
      return this.typesOf(resolvePointer(this.schema, $ref), depth + 1);
    }
    const alternatives = ['anyOf', 'oneOf', 'allOf'].flatMap(
      (keyword) => (rest[keyword] ?? []) as unknown[],
    );
    return new Set([
      ...((values ?? []) as unknown[]).map((value) => typeof value),
      ...(constant === undefined ? [] : [typeof constant]),
      ...alternatives.flatMap((each) => [...this.typesOf(each, depth + 1)]),
    ]);
  }
}

function isNumber(text: string): boolean {
  return /^-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?$/.test(text);
}
