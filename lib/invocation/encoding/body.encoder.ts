import type { BodyEncoding } from '../../schema/input/input-schema.interface.js';
import { RefusedArgumentError } from '../call/refused-argument.error.js';
import { stringifyJson } from './deep-json.js';
import { encodeMultipart } from './multipart.encoder.js';
import { encodeComponent, queryPairs, writePairs } from './query-style.js';
import type {
  BodyContent,
  EncodedBody,
  FormField,
} from './request-body.interface.js';

/** How forms express arrays of one and nested objects; Fastify's parser reads flat fields only. */
export type FormSyntax = 'brackets' | 'flat';

/**
 * Encodes a body.
 *
 * @returns undefined where there is none to send
 * @throws RefusedArgumentError for what the encoding cannot express
 */
export function encodeBody(
  encoding: BodyEncoding,
  body: BodyContent,
  syntax: FormSyntax,
): EncodedBody | Promise<EncodedBody> | undefined {
  switch (encoding) {
    case 'json':
      return encodeJson('whole' in body ? body.whole : jsonObject(body.fields));
    case 'urlencoded':
      return {
        contentType: 'application/x-www-form-urlencoded',
        content: Buffer.from(
          writePairs(
            formFields(body).flatMap((field) =>
              formPairs(field, syntax, encodeComponent),
            ),
          ),
        ),
      };
    case 'multipart':
      return encodeMultipart(
        formFields(body).flatMap((field) =>
          formPairs(field, syntax, (name) => name),
        ),
        body.files,
      );
    case 'none':
      return undefined;
  }
}

function encodeJson(value: unknown): EncodedBody | undefined {
  const text = stringifyJson(value);
  return text === undefined
    ? undefined
    : { contentType: 'application/json', content: Buffer.from(text) };
}

function jsonObject(fields: readonly FormField[]): object {
  // Without a prototype a field called `__proto__` is a field.
  const object = Object.create(null) as Record<string, unknown>;
  for (const { field, value } of fields) {
    if (value !== undefined) {
      object[field] = value;
    }
  }
  return object;
}

function formFields({ whole, fields }: BodyContent): readonly FormField[] {
  if (whole === undefined || whole === null) {
    return fields;
  }
  if (typeof whole !== 'object' || Array.isArray(whole)) {
    throw new RefusedArgumentError('body', 'must be an object: it is a form');
  }
  return Object.entries(whole).map(([field, value]) => ({
    argument: field,
    field,
    value: value as unknown,
  }));
}

function formPairs(
  { argument, field, value }: FormField,
  syntax: FormSyntax,
  encodeName: (name: string) => string,
): (readonly [string, string])[] {
  const nested =
    typeof value === 'object' &&
    value !== null &&
    (!Array.isArray(value) ||
      value.some((part) => typeof part === 'object' && part !== null));
  if (nested && syntax === 'flat') {
    throw new RefusedArgumentError(
      argument,
      'is a nested value, and forms of this application are flat',
    );
  }
  const array = syntax === 'flat' ? 'repeat' : nested ? 'index' : 'brackets';
  return [
    ...queryPairs(encodeName(field), value, { array, object: 'brackets' }),
  ];
}
