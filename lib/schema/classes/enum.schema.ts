import type { JsonSchema } from '../json-schema/json-schema.interface.js';

/** The members of a TypeScript enum, without the reverse mapping of numeric ones. */
export function enumSchema(enumType: object): JsonSchema {
  const members = Object.entries(enumType)
    .filter(([key]) => !/^-?\d+(?:\.\d+)?$/.test(key))
    .map(([, value]): unknown => value);
  const types = new Set(members.map((value) => typeof value));
  const [type] = types;
  return types.size === 1 && (type === 'string' || type === 'number')
    ? { type, enum: members }
    : { enum: members };
}
