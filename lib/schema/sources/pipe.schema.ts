import {
  DefaultValuePipe,
  ParseArrayPipe,
  ParseBoolPipe,
  ParseDatePipe,
  ParseEnumPipe,
  ParseFilePipe,
  ParseFloatPipe,
  ParseIntPipe,
  ParseUUIDPipe,
  type Type,
} from '@nestjs/common';
import { enumSchema } from '../classes/design-type.schema.js';
import type { JsonSchema } from '../json-schema/schema-keywords.js';

/** What a parameter's pipes tell of the value that they accept. */
export interface PipeEvidence {
  readonly schema: JsonSchema;
  /** Undefined where no pipe minds: then the route accepts an absent value. */
  readonly required: boolean | undefined;
  /** By what `ParseArrayPipe` splits a text; undefined for a comma. */
  readonly delimiter?: string | undefined;
}

/** Reads Nest's own pipes, given as instances or classes; pipes of other make tell nothing. */
export function pipeEvidence(
  pipes: readonly unknown[],
  itemSchema: (type: unknown) => JsonSchema,
): PipeEvidence {
  let schema: JsonSchema = {};
  let required: boolean | undefined;
  let delimiter: string | undefined;
  for (const pipe of pipes) {
    if (is(pipe, DefaultValuePipe)) {
      // After a pipe that refuses absence, a default comes too late.
      required ??= false;
      const value = jsonValue(
        (pipe as { defaultValue?: unknown }).defaultValue,
      );
      schema = value === undefined ? schema : { ...schema, default: value };
      continue;
    }
    const parsed = parsedSchema(pipe, itemSchema);
    if (parsed) {
      schema = { ...parsed, ...schema };
      required ??= !isOptional(pipe);
    }
    if (is(pipe, ParseArrayPipe)) {
      delimiter ??= optionsOf(pipe)['separator'] as string | undefined;
    }
  }
  return { schema, required, delimiter };
}

function parsedSchema(
  pipe: unknown,
  itemSchema: (type: unknown) => JsonSchema,
): JsonSchema | undefined {
  if (is(pipe, ParseIntPipe)) {
    return { type: 'integer' };
  }
  if (is(pipe, ParseFloatPipe)) {
    return { type: 'number' };
  }
  if (is(pipe, ParseBoolPipe)) {
    return { type: 'boolean' };
  }
  if (is(pipe, ParseUUIDPipe)) {
    return { type: 'string', format: 'uuid' };
  }
  if (is(pipe, ParseDatePipe)) {
    return { type: 'string', format: 'date-time' };
  }
  if (is(pipe, ParseEnumPipe)) {
    return enumSchema((pipe as { enumType?: object }).enumType ?? {});
  }
  if (is(pipe, ParseArrayPipe)) {
    return { type: 'array', items: itemSchema(optionsOf(pipe)['items']) };
  }
  return is(pipe, ParseFilePipe) ? {} : undefined;
}

function isOptional(pipe: unknown): boolean {
  const options = optionsOf(pipe);
  return (
    options['optional'] === true ||
    options['default'] !== undefined ||
    (is(pipe, ParseFilePipe) &&
      (pipe as { fileIsRequired?: boolean }).fileIsRequired === false)
  );
}

function optionsOf(pipe: unknown): Record<string, unknown> {
  const options: unknown = (pipe as { options?: unknown }).options;
  return typeof options === 'object' && options !== null
    ? (options as Record<string, unknown>)
    : {};
}

function is(pipe: unknown, type: Type<unknown>): boolean {
  return typeof pipe === 'function'
    ? pipe === type || pipe.prototype instanceof type
    : pipe instanceof type;
}

/** A default as JSON writes it; undefined for one that JSON cannot write. */
function jsonValue(value: unknown): unknown {
  try {
    const json = JSON.stringify(value);
    return json === undefined || Number.isNaN(value)
      ? undefined
      : JSON.parse(json);
  } catch {
    return undefined;
  }
}
