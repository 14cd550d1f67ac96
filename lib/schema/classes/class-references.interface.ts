import type { Type } from '@nestjs/common';
import type { SchemaReference } from '../json-schema/schema-reference.js';

/** Where the definition of a DTO class is found. */
export interface ClassReferences {
  /** Undefined for a class without metadata. */
  referenceTo(type: Type<unknown>): SchemaReference | undefined;
}
