import type { OutputValidator } from '../invocation/result/result-options.interface.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';
import type { JsonSchema } from '../schema/json-schema/json-schema.interface.js';

/**
 * The schema as clients may rely on it where answers are not held to it: what is
 * documented, or anything else of its kind. Clients check structured content,
 * and its presence, by the schema that they were told.
 */
export function lenientSchema(schema: JsonSchema): JsonSchema {
  const { $defs, ...documented } = schema;
  return {
    ...(schema['type'] === 'object' && { type: 'object' }),
    anyOf: [documented, {}],
    ...($defs !== undefined && { $defs }),
  };
}

/** A validator that finds nothing, and tells the log of the first value that the documented schema would not take. */
export function lenientValidator(
  validate: OutputValidator,
  toolName: string,
  warn: (message: string) => void,
): OutputValidator {
  let told = false;
  return (value) => {
    const problem = told ? undefined : validate(value);
    if (problem) {
      told = true;
      warn(
        `Tool "${toolName}" answers otherwise than its documented response ` +
          `says: ${problem.message}. It is sent all the same, and not logged ` +
          "again; outputSchema: 'strict' would refuse it.",
      );
    }
    return undefined;
  };
}

/** Gives a result the structured content that clients insist on, where its schema is an object and the value none. */
export function asStructured(
  outcome: ToolOutcome,
  { type }: JsonSchema,
): ToolOutcome {
  const { result } = outcome;
  const value: unknown = result.structuredContent;
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (
    result.isError === true ||
    isObject ||
    (type !== 'object' && value !== undefined)
  ) {
    return outcome;
  }
  const structured =
    type !== 'object' ? null : value === undefined ? {} : { result: value };
  return {
    ...outcome,
    result: {
      ...result,
      structuredContent: structured as Record<string, unknown>,
    },
  };
}
