import type {
  ClassTransformerStorage,
  SchemaPackages,
} from '../classes/schema-packages.interface.js';
import { SchemaReader } from './schema-reader.js';

let reader: Promise<SchemaReader> | undefined;

/**
 * The reader of this process. It knows the optional packages that are
 * installed, and keeps what it has learnt of each class.
 */
export function loadSchemaReader(): Promise<SchemaReader> {
  return (reader ??= loadPackages().then(
    (packages) => new SchemaReader(packages),
  ));
}

async function loadPackages(): Promise<SchemaPackages> {
  const [swagger, validator, storage, jsonSchema] = await Promise.all([
    optional(() => import('@nestjs/swagger')),
    optional(() => import('class-validator')),
    // @ts-expect-error TS7016: the storage has no types of its own
    optional(() => import('class-transformer/cjs/storage.js')),
    optional(() => import('class-validator-jsonschema')),
  ]);
  return {
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
  };
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
