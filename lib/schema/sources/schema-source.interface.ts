import type { Type } from '@nestjs/common';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import type { StandardSchema } from './standard-schema.interface.js';

/**
 * A DTO class, a Standard Schema (Zod, Valibot, ArkType) or a JSON Schema,
 * which is kept to the letter.
 *
 * @publicApi
 */
export type SchemaSource = Type<unknown> | StandardSchema | JsonSchema;
