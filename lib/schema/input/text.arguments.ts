import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { describeIssues } from '../validation/schema-issue.js';
import { SchemaValidator } from '../validation/schema.validator.js';
import { readText, typesIn } from './text-value.js';

/** Arguments as they arrive from a URI or a form: text, or several of them. */
export type TextValues = Readonly<Record<string, string | readonly string[]>>;

/** What was made of them. */
export type ReadArguments =
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
