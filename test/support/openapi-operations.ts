import type { OpenAPIObject } from '@nestjs/swagger';

/** What one operation of an OpenAPI document takes, as a caller must name it. */
export interface DocumentedOperation {
  readonly operationId: string;
  /** `GET /api/v1/members/{id}`. */
  readonly origin: string;
  /** Names of parameters and of the properties of a body, in order of their letters. */
  readonly takes: readonly string[];
  readonly requires: readonly string[];
}

type Document = Pick<OpenAPIObject, 'paths' | 'components'>;
interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** Every operation of a document. */
export function operationsOf(document: Document): DocumentedOperation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    (['get', 'put', 'post', 'delete', 'patch'] as const).flatMap((method) => {
      const operation = item[method];
      if (!operation) return [];
      const takes = new Set<string>();
      const requires = new Set<string>();
      for (const parameter of operation.parameters ?? []) {
        const { name, required } = parameter as {
          name: string;
          required?: boolean;
        };
        takes.add(name);
        if (required) requires.add(name);
      }
      const { content = {} } = (operation.requestBody ?? {}) as {
        content?: Record<string, { schema?: Schema }>;
      };
      for (const { schema } of Object.values(content)) {
        for (const part of partsOf(document, schema ?? {})) {
          Object.keys(part.properties ?? {}).forEach((name) => takes.add(name));
          part.required?.forEach((name) => requires.add(name));
        }
      }
      return {
        operationId: operation.operationId ?? '',
        origin: `${method.toUpperCase()} ${path}`,
        takes: [...takes].sort(),
        requires: [...requires].sort(),
      };
    }),
  );
}

/** A schema and all that it is made of. */
function partsOf(document: Document, schema: Schema): Schema[] {
  const name = schema.$ref?.split('/').at(-1);
  const target = name && document.components?.schemas?.[name];
  return [
    schema,
    ...(target ? partsOf(document, target as Schema) : []),
    ...(schema.allOf ?? []).flatMap((part) => partsOf(document, part)),
  ];
}
