import type { Type } from '@nestjs/common';
import type { JsonSchema } from '../json-schema/schema-keywords.js';

/** Whether a design type is a class of the application's own. */
export function isClass(type: unknown): type is Type<unknown> {
  let found = false;
  designTypeSchema(type, () => {
    found = true;
    return {};
  });
  return found;
}

/** What TypeScript's emitted `design:type` tells; empty for a union, an interface or `any`. */
export function designTypeSchema(
  type: unknown,
  model: (type: Type<unknown>) => JsonSchema,
): JsonSchema {
  switch (type) {
    case undefined:
    case Object:
    case Symbol:
    case Promise:
    case Function:
    case Buffer:
    case Uint8Array:
      return {};
    case String:
      return { type: 'string' };
    case Number:
      return { type: 'number' };
    case Boolean:
      return { type: 'boolean' };
    case BigInt:
      return { type: 'integer' };
    case Date:
      return { type: 'string', format: 'date-time' };
    case Array:
    case Set:
      return { type: 'array' };
    case Map:
      return { type: 'object' };
    default:
      return typeof type === 'function' ? model(type as Type<unknown>) : {};
  }
}

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
