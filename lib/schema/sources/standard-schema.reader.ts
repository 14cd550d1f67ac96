import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import { linkLocalReferences } from '../json-schema/local-references.js';
import { lenientOptions, type OnGap } from './standard-schema.gaps.js';
import type { StandardSchema } from './standard-schema.interface.js';

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
