import type { Type } from '@nestjs/common';

/** Characters of JSON beyond which a value is not advertised. */
const LONGEST_DEFAULT = 1_000;

const known = new WeakMap<object, ReadonlyMap<string, unknown>>();

/**
 * The values of a class's properties in a fresh instance, by key, those of its
 * ancestors included; undefined for a value that JSON cannot hold (a date, a
 * function). Each class is instantiated once; one whose constructor throws has
 * no initial values.
 */
export function initialValues(
  type: Type<unknown>,
): ReadonlyMap<string, unknown> {
  let values = known.get(type);
  if (!values) {
    values = read(type);
    known.set(type, values);
  }
  return values;
}

function read(type: Type<unknown>): ReadonlyMap<string, unknown> {
  const values = new Map<string, unknown>();
  try {
    const instance: unknown = new type();
    for (const [key, { value }] of Object.entries(
      Object.getOwnPropertyDescriptors(instance),
    )) {
      // A getter is no value, and a field without an initial value is undefined.
      if (value !== undefined) {
        values.set(key, jsonCopy(value));
      }
    }
  } catch {
    values.clear();
  }
  return values;
}

function jsonCopy(value: unknown): unknown {
  if (!isJson(value)) {
    return undefined;
  }
  const json = JSON.stringify(value);
  return json.length <= LONGEST_DEFAULT ? JSON.parse(json) : undefined;
}

function isJson(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'boolean' ||
      Number.isFinite(value)
    );
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    (Array.isArray(value) ||
      prototype === Object.prototype ||
      prototype === null) &&
    Object.values(value).every(isJson)
  );
}
