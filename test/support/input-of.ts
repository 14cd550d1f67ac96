import type { Type } from '@nestjs/common';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { swaggerOperation } from '../../lib/nest/swagger-operation.js';
import { buildInputSchema } from '../../lib/schema/input/input-schema.builder.js';
import type { InputSchema } from '../../lib/schema/input/argument-target.js';
import type { JsonSchema } from '../../lib/schema/json-schema/schema-keywords.js';
import { loadSchemaReader } from '../../lib/schema/sources/schema.loader.js';
import type { SchemaReader } from '../../lib/schema/sources/schema-reader.js';
import type { SchemaInput } from '../../lib/schema/sources/schema-reader.js';
import { pathParametersOf, routeOf } from './route-of.js';

/** An input schema with what was warned of on the way. */
export interface BuiltInput extends InputSchema {
  readonly warnings: readonly string[];
}

/** Builds the input schema of a controller's method, which must pass Ajv's strict mode. */
export async function inputOf<T extends object>(
  controller: Type<T>,
  methodName: keyof T & string,
  options: { sources?: SchemaReader; explicit?: SchemaInput } = {},
): Promise<BuiltInput> {
  const route = routeOf(controller, methodName);
  const sources = options.sources ?? (await loadSchemaReader());
  const warnings: string[] = [];
  const input = buildInputSchema(route, {
    sources,
    swagger: swaggerOperation(route, sources),
    pathParameters: pathParametersOf(route),
    methodPipes: route.pipes,
    warn: (message) => warnings.push(message),
    ...(options.explicit !== undefined && { explicit: options.explicit }),
  });
  if (options.explicit === undefined) {
    expectStrict(input.schema);
  }
  return { ...input, warnings };
}

const strictAjv = new Ajv2020({ strict: true, formats: fullFormats });

/** Fails unless the schema compiles in Ajv's strict mode. */
export function expectStrict(schema: JsonSchema): void {
  expect(() => strictAjv.compile(schema)).not.toThrow();
  strictAjv.removeSchema(schema);
}
