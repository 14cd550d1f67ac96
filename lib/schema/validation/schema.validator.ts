import type { AnySchemaObject, Options, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { resolvePointer } from '../json-schema/schema-reference.js';
import { isTriviallyValid } from './trivial-schema.js';
import { describeIssue, readIssues, type SchemaIssue } from './schema-issue.js';

/** How values are held against a schema. */
interface SchemaValidatorOptions {
  /**
   * Whether `format` refuses values. True for a schema that a developer gave;
   * false for a derived one, whose formats the route's own pipes decide.
   */
  readonly validateFormats: boolean;
  /**
   * Compiling takes a millisecond or two, which a thousand tools would feel.
   * A derived schema may wait for its first value; that it is one at all is
   * checked at once, all the same.
   * @default false
   */
  readonly compileOnFirstUse?: boolean;
}

/** What an instance of Ajv is set to; `validateSchema` false for schemas that are checked already. */
type AjvKind = Required<
  Pick<Options, 'validateFormats' | 'validateSchema' | 'allErrors'>
>;

/** Values beyond which only the first broken rule is looked for: each may break several. */
const MOST_VALUES = 1_000;

const NO_ISSUES: readonly SchemaIssue[] = [];

type Dialect = '2020-12' | '2019-09' | 'draft-07';

const DIALECTS: Readonly<Record<string, Dialect>> = {
  'https://json-schema.org/draft/2020-12/schema': '2020-12',
  'https://json-schema.org/draft/2019-09/schema': '2019-09',
  'http://json-schema.org/draft-07/schema': 'draft-07',
  'https://json-schema.org/draft-07/schema': 'draft-07',
};

const instances = new Map<string, Ajv>();

/**
 * Holds values against one schema of dialect 2020-12, 2019-09 or draft-07, as
 * its `$schema` says (2020-12 if it says nothing).
 */
export class SchemaValidator {
  private readonly compile: (allErrors: boolean) => ValidateFunction;
  private compiled: ValidateFunction | undefined;
  /** Finds all broken rules; made for the first value that breaks one. */
  private thorough: ValidateFunction | undefined;

  /**
   * @param name what the schema is for, in messages: `inputSchema of CatsController.find`
   * @throws an error with the name, for a schema that is invalid, of another
   * dialect, or refers to another document: references are never fetched
   */
  constructor(
    schema: JsonSchema,
    name: string,
    { validateFormats, compileOnFirstUse = false }: SchemaValidatorOptions,
  ) {
    const kind = {
      validateFormats,
      validateSchema: !compileOnFirstUse,
      allErrors: false,
    };
    this.compile = (allErrors) => compile(schema, name, { ...kind, allErrors });
    if (!compileOnFirstUse) {
      this.compiled = this.compile(false);
    } else if (!isTriviallyValid(schema)) {
      named(name, () => check(ajvFor(schema, kind), schema));
    }
  }

  /** The first rule that a value breaks; undefined if it breaks none. */
  validate(value: unknown): SchemaIssue | undefined {
    const validate = (this.compiled ??= this.compile(false));
    try {
      return validate(value) ? undefined : describeIssue(validate.errors ?? []);
    } catch (error) {
      if (error instanceof RangeError) {
        return { path: '', message: 'The value is nested too deeply' };
      }
      throw error;
    }
  }

  /** Every rule that a value breaks; of a large value, the first alone. */
  issuesOf(value: unknown): readonly SchemaIssue[] {
    const first = this.validate(value);
    if (!first) {
      return NO_ISSUES;
    }
    if (countValues(value, 0) > MOST_VALUES) {
      return [first];
    }
    const validate = (this.thorough ??= this.compile(true));
    validate(value);
    const issues = readIssues(validate.errors ?? []);
    return issues.length > 0 ? issues : [first];
  }
}

/** Counts no further than it matters. */
function countValues(value: unknown, count: number): number {
  let counted = count + 1;
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) {
      if (counted > MOST_VALUES) {
        break;
      }
      counted = countValues(each, counted);
    }
  }
  return counted;
}

function compile(
  schema: JsonSchema,
  name: string,
  kind: AjvKind,
): ValidateFunction {
  return named(name, () => {
    const ajv = ajvFor(schema, kind);
    try {
      return ajv.compile(schema as AnySchemaObject);
    } finally {
      ajv.removeSchema(schema as AnySchemaObject);
    }
  });
}

/** All that can be wrong with a derived schema, short of compiling it. */
function check(ajv: Ajv, schema: JsonSchema): void {
  if (ajv.validateSchema(schema as AnySchemaObject) !== true) {
    throw new Error(ajv.errorsText(ajv.errors, { dataVar: 'schema' }));
  }
  checkReferences(schema, schema);
}

function checkReferences(value: unknown, root: JsonSchema): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const { $ref } = value as JsonSchema;
  if (typeof $ref === 'string' && !resolvePointer(root, $ref)) {
    throw new Error(`its reference ${JSON.stringify($ref)} leads nowhere`);
  }
  Object.values(value).forEach((each) => checkReferences(each, root));
}

function ajvFor(schema: JsonSchema, kind: AjvKind): Ajv {
  const declared = schema['$schema'];
  const dialect =
    declared === undefined
      ? '2020-12'
      : typeof declared === 'string'
        ? DIALECTS[declared.replace(/#$/, '')]
        : undefined;
  if (!dialect) {
    throw new Error(
      `its $schema ${JSON.stringify(declared)} is none of the dialects ${Object.keys(DIALECTS).join(', ')}`,
    );
  }
  // Schemas with an `$id` of their own must not meet those of other tools.
  if (hasIdentifier(schema)) {
    return createAjv(dialect, kind);
  }
  const key = [dialect, ...Object.values(kind)].join(' ');
  const ajv = instances.get(key) ?? createAjv(dialect, kind);
  instances.set(key, ajv);
  return ajv;
}

function createAjv(dialect: Dialect, kind: AjvKind): Ajv {
  const options: Options = {
    strict: false,
    // `constructor` and its like are no properties of an empty object.
    ownProperties: true,
    logger: false,
    ...kind,
    formats: kind.validateFormats ? fullFormats : {},
  };
  switch (dialect) {
    case '2020-12':
      return new Ajv2020(options);
    case '2019-09':
      return new Ajv2019(options);
    case 'draft-07':
      return new Ajv(options);
  }
}

const hasIdentifier = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  ('$id' in value || Object.values(value).some(hasIdentifier));

function named<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${name} is not a valid JSON Schema: ${reason}`, {
      cause: error,
    });
  }
}
