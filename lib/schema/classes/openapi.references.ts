import type { Type } from '@nestjs/common';
import { swaggerName } from '../../nest/swagger-metadata.js';
import { isSchema } from '../json-schema/schema-keywords.js';
import { SchemaReference } from '../json-schema/schema-reference.js';
import type { ClassReferences } from './class-references.interface.js';
import { fromOpenApi, type ResolveReference } from './openapi.converter.js';

const COMPONENTS = '#/components/schemas/';

/**
 * Finds the class behind `#/components/schemas/Cat`: the first of the
 * candidates that has the name. What is no class (a named enum, a schema
 * written by hand) is taken from the document.
 *
 * @param components the document's, asked for when needed
 */
export function componentResolver(
  components: () => Readonly<Record<string, unknown>>,
  candidates: readonly Type<unknown>[],
  models: ClassReferences,
): ResolveReference {
  const written = new Map<string, SchemaReference>();
  const resolve: ResolveReference = (ref) => {
    if (!ref.startsWith(COMPONENTS)) {
      return undefined;
    }
    const name = decodeURIComponent(ref.slice(COMPONENTS.length));
    const type = candidates.find((each) => swaggerName(each) === name);
    const model = type && models.referenceTo(type);
    if (model) {
      return model;
    }
    const component: unknown = components()[name];
    if (!isSchema(component)) {
      return undefined;
    }
    const reference =
      written.get(name) ??
      new SchemaReference(name, () => fromOpenApi(component, resolve));
    written.set(name, reference);
    return reference;
  };
  return resolve;
}
