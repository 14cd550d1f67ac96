import type { ClassTransformerStorage } from '../classes/schema-packages.interface.js';
import { SchemaSources } from './schema-sources.js';

/** Loads the optional packages that are installed. Call it once, at start-up. */
export async function loadSchemaSources(): Promise<SchemaSources> {
  const [swagger, validator, storage, jsonSchema] = await Promise.all([
    optional(() => import('@nestjs/swagger')),
    optional(() => import('class-validator')),
    // @ts-expect-error TS7016: the storage has no types of its own
    optional(() => import('class-transformer/cjs/storage.js')),
    optional(() => import('class-validator-jsonschema')),
  ]);
  return new SchemaSources({
    ...(swagger && { swagger: named(swagger, 'SwaggerModule') }),
    ...(validator && {
      classValidator: named(validator, 'getMetadataStorage'),
    }),
    ...(storage && {
      classTransformer: named<{
        defaultMetadataStorage: ClassTransformerStorage;
      }>(storage, 'defaultMetadataStorage').defaultMetadataStorage,
    }),
    ...(jsonSchema && {
      classValidatorJsonSchema: named(jsonSchema, 'targetConstructorToSchema'),
    }),
  });
}

let shared: Promise<SchemaSources> | undefined;

/** The same, loaded when first asked for, for schemas that come up in a call. */
export function sharedSchemaSources(): Promise<SchemaSources> {
  return (shared ??= loadSchemaSources());
}

/** CommonJS packages imported from ESM may show their exports on `default` alone. */
function named<T>(module: object, member: string): T {
  const { default: fallback } = module as { default?: unknown };
  return (member in module ? module : fallback) as T;
}

async function optional<T>(load: () => Promise<T>): Promise<T | undefined> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'MODULE_NOT_FOUND' || code === 'ERR_MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
