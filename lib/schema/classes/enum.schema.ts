import type { JsonSchema } from '../json-schema/json-schema.interface.js';

/** The members of a TypeScript enum, without the reverse mapping of numeric ones, which are told by name. */
export function enumSchema(enumType: object): JsonSchema {
  const entries = Object.entries(enumType).filter(
    ([key]) => !/^-?\d+(?:\.\d+)?$/.test(key),
  );
  const members = entries.map(([, value]): unknown => value);
  const types = new Set(members.map((value) => typeof value));
  const [type] = types;
  return types.size === 1 && (type === 'string' || type === 'number')
    ? {
        type,
        enum: members,
        ...(type === 'number' && {
          'x-hint': entries
            .map(([name, value]) => `${String(value)} = ${name}`)
            .join(', '),
        }),
      }
    : { enum: members };
}
