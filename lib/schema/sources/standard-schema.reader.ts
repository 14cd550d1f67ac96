import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { linkLocalReferences } from '../json-schema/schema-reference.js';
import { lenientOptions, type OnGap } from './standard-schema.gaps.js';

/**
 * The part of the Standard Schema interface (standardschema.dev) that is read
 * here, so that no validation library need be imported.
 *
 * @publicApi
 */
export interface StandardSchema {
  readonly '~standard': {
    readonly version: number;
    readonly vendor: string;
    readonly validate: (value: unknown) => unknown;
    /** For the compiler alone; nothing is there at run time. */
    readonly types?:
      { readonly input: unknown; readonly output: unknown } | undefined;
    /** Standard JSON Schema: absent in libraries that cannot describe themselves. */
    readonly jsonSchema?: {
      readonly input: (options: {
        readonly target: string;
        readonly libraryOptions?: Record<string, unknown> | undefined;
      }) => Record<string, unknown>;
      readonly output: (options: {
        readonly target: string;
        readonly libraryOptions?: Record<string, unknown> | undefined;
      }) => Record<string, unknown>;
    };
  };
}

/** What a Standard Schema makes of a value that fits. @publicApi */
export type InferSchema<S extends StandardSchema> = NonNullable<
  S['~standard']['types']
>['output'];

const REMEDIES: Readonly<Record<string, string>> = {
  valibot: 'wrap it with toStandardJsonSchema() of @valibot/to-json-schema',
  zod: 'update zod to 4.2 or later',
  arktype: 'update arktype to 2.1.28 or later',
};

/** Whether a value is a Standard Schema: a Zod, Valibot or ArkType schema, or a class that carries one. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  // ArkType's schemas are functions.
  const holder = typeof value === 'function' || typeof value === 'object';
  return holder && value !== null && '~standard' in (value as object);
}

/**
 * The JSON Schema that a Standard Schema gives of itself, as the library wrote
 * it. A date is a `date-time` string; what JSON Schema cannot express allows
 * any value.
 *
 * @param onGap is told of each such part
 * @throws an error naming the library and the remedy, if it cannot describe itself
 */
export function describeStandardSchema(
  schema: StandardSchema,
  io: 'input' | 'output',
  onGap: OnGap = () => undefined,
): JsonSchema {
  const { vendor, jsonSchema } = schema['~standard'];
  if (!jsonSchema) {
    const remedy =
      REMEDIES[vendor] ?? 'use a version that implements Standard JSON Schema';
    throw new Error(
      `A schema of ${vendor} cannot be turned into JSON Schema: ${remedy}, or give inputSchema or outputSchema as JSON Schema.`,
    );
  }
  try {
    return jsonSchema[io]({
      target: 'draft-2020-12',
      libraryOptions: lenientOptions(vendor, onGap),
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `A schema of ${vendor} cannot be turned into JSON Schema: ${reason}. Replace that part, or give inputSchema or outputSchema as JSON Schema.`,
      { cause: error },
    );
  }
}

/**
 * The same, with its references free to move into another schema. A library
 * that cannot describe its schema at all leaves any value, and a gap.
 */
export function readStandardSchema(
  schema: StandardSchema,
  io: 'input' | 'output',
  onGap: OnGap,
): JsonSchema {
  let description: JsonSchema;
  try {
    description = describeStandardSchema(schema, io, onGap);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onGap(reason.replace(/\.$/, ''));
    return {};
  }
  const { $schema: _, ...described } = description;
  const title = described['title'];
  return linkLocalReferences(
    described,
    typeof title === 'string' ? title : 'Schema',
  );
}

/** Whether a schema lets an absent value pass; a schema that validates asynchronously is taken to refuse it. */
export function acceptsAbsence(schema: StandardSchema): boolean {
  try {
    const result = schema['~standard'].validate(undefined);
    if (result instanceof Promise) {
      result.catch(() => undefined);
      return false;
    }
    const { issues } = result as { issues?: unknown };
    return issues === undefined;
  } catch {
    return false;
  }
}
