import type { JsonSchema } from '../json-schema/schema-keywords.js';
import { resolvePointer } from '../json-schema/schema-reference.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import { readText, typesIn } from './text.arguments.js';

type Arguments = Readonly<Record<string, unknown>>;

/** References are followed this far, as they may go in circles. */
const DEPTH = 16;

/**
 * Reads the arguments of a tool as models write them: null for what they leave
 * out, and `"5"` for 5 where both are the same in a URL.
 */
export class ArgumentValues {
  private readonly properties: Arguments;
  /** The types of the arguments that travel as text, each found when it first comes. */
  private readonly types = new Map<string, ReadonlySet<string>>();

  /**
   * @param schema of all arguments
   * @param textual names of those that go into the path, the query or a header
   */
  constructor(
    private readonly schema: JsonSchema,
    private readonly textual: readonly string[],
  ) {
    const { properties } = schema;
    this.properties = isSchema(properties) ? properties : {};
  }

  /**
   * The arguments without those that are null, and neither required nor
   * nullable; properties of objects likewise. The same object where there is none.
   */
  given(args: Arguments): Arguments {
    return holdsNull(args, 0)
      ? (this.withoutNulls(args, this.schema, 0) as Arguments)
      : args;
  }

  /**
   * The arguments to hold against the schema: what travels as text has the type
   * that the schema wants, if its text can stand for it. What is sent stays as
   * given, since `"007"` and numbers beyond 2^53 lose something on the way.
   */
  typed(args: Arguments): Arguments {
    let copy: Record<string, unknown> | undefined;
    for (const name of this.textual) {
      const value = args[name];
      if (value === undefined || value === null) {
        continue;
      }
      const typed =
        typeof value === 'object'
          ? this.typedParts(value, this.properties[name], 0)
          : typedScalar(value, this.typesOf(name));
      if (typed !== value) {
        copy ??= { ...args };
        copy[name] = typed;
      }
    }
    return copy ?? args;
  }

  private typesOf(name: string): ReadonlySet<string> {
    const types =
      this.types.get(name) ?? typesIn(this.properties[name], this.schema);
    this.types.set(name, types);
    return types;
  }

  private typedParts(value: unknown, schema: unknown, depth: number): unknown {
    if (depth > DEPTH) {
      return value;
    }
    if (typeof value !== 'object' || value === null) {
      return typedScalar(value, typesIn(schema, this.schema));
    }
    const { items, properties } = this.formOf(schema, 0) ?? {};
    if (Array.isArray(value)) {
      return value.map((each) => this.typedParts(each, items, depth + 1));
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        this.typedParts(each, ownOf(properties, key), depth + 1),
      ]),
    );
  }

  private withoutNulls(
    value: unknown,
    schema: unknown,
    depth: number,
  ): unknown {
    const form = depth > DEPTH ? undefined : this.formOf(schema, 0);
    if (typeof value !== 'object' || value === null || !form) {
      return value;
    }
    if (Array.isArray(value)) {
      return value.map((each) =>
        this.withoutNulls(each, form['items'], depth + 1),
      );
    }
    const required = (form['required'] ?? []) as readonly string[];
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, each]) => {
          const property = ownOf(form['properties'], key);
          return { key, each: each as unknown, property };
        })
        .filter(
          ({ key, each, property }) =>
            each !== null ||
            property === undefined ||
            required.includes(key) ||
            this.allowsNull(property, 0),
        )
        .map(({ key, each, property }) => [
          key,
          this.withoutNulls(each, property, depth + 1),
        ]),
    );
  }

  /** The schema of an object or a list behind references and beside null; undefined for a union. */
  private formOf(schema: unknown, depth: number): JsonSchema | undefined {
    if (!isSchema(schema) || depth > DEPTH) {
      return undefined;
    }
    const { $ref, anyOf, oneOf, ...own } = schema;
    if (typeof $ref === 'string') {
      return this.formOf(resolvePointer(this.schema, $ref), depth + 1);
    }
    const union = [anyOf, oneOf].find(Array.isArray) as unknown[] | undefined;
    if (!union) {
      return own;
    }
    const forms = union.filter((each) => !this.isNull(each));
    return forms.length === 1 ? this.formOf(forms[0], depth + 1) : undefined;
  }

  private isNull(schema: unknown): boolean {
    return isSchema(schema) && schema['type'] === 'null';
  }

  private allowsNull(schema: unknown, depth: number): boolean {
    if (!isSchema(schema) || depth > DEPTH) {
      return schema !== false;
    }
    const { $ref, type, enum: values, anyOf, oneOf, allOf } = schema;
    const allows = (each: unknown): boolean => this.allowsNull(each, depth + 1);
    return (
      (type === undefined || [type].flat().includes('null')) &&
      (!Array.isArray(values) || values.includes(null)) &&
      (!('const' in schema) || schema['const'] === null) &&
      (!Array.isArray(anyOf) || anyOf.some(allows)) &&
      (!Array.isArray(oneOf) || oneOf.some(allows)) &&
      (!Array.isArray(allOf) || allOf.every(allows)) &&
      (typeof $ref !== 'string' || allows(resolvePointer(this.schema, $ref)))
    );
  }
}

function typedScalar(value: unknown, types: ReadonlySet<string>): unknown {
  if (typeof value === 'string') {
    return readText(value, types);
  }
  const isText =
    types.has('string') &&
    !types.has(typeof value) &&
    !(typeof value === 'number' && types.has('integer'));
  return isText && (typeof value === 'number' || typeof value === 'boolean')
    ? String(value)
    : value;
}

function holdsNull(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === null;
  }
  if (depth > DEPTH) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.some((each) => holdsNull(each, depth + 1));
  }
  for (const key in value) {
    if (holdsNull((value as Arguments)[key], depth + 1)) {
      return true;
    }
  }
  return false;
}

const ownOf = (properties: unknown, key: string): unknown =>
  isSchema(properties) && Object.hasOwn(properties, key)
    ? properties[key]
    : undefined;
