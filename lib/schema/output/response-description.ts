import type {
  SwaggerContent,
  SwaggerOperation,
} from '../../nest/swagger-operation.js';
import {
  isSchema,
  type JsonSchema,
  typesOf,
} from '../json-schema/schema-keywords.js';
import { resolvePointer } from '../json-schema/schema-reference.js';
import type { SchemaReader } from '../sources/schema-reader.js';
import {
  jsonContent,
  responseSchema,
  successStatus,
} from './output-schema.builder.js';

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-01-31T12:00:00Z',
  date: '2026-01-31',
  time: '12:00:00Z',
  email: 'user@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '123e4567-e89b-42d3-a456-426614174000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
};

/**
 * An example of a response: the first documented one (`examples`, then
 * `example`), else one made from the schema.
 *
 * @returns undefined if nothing is known of the response
 */
function exampleOf(
  { examples, example }: Readonly<Record<string, unknown>>,
  schema: JsonSchema | undefined,
): unknown {
  const documented = Object.values(examples ?? {})
    .map((each: unknown) =>
      isSchema(each) && 'value' in each ? each['value'] : undefined,
    )
    .find((value) => value !== undefined);
  return documented ?? example ?? (schema && make(schema, schema, new Set()));
}

/** @param path the definitions being written out; one that recurs ends there */
function make(
  schema: JsonSchema,
  root: JsonSchema,
  path: ReadonlySet<string>,
): unknown {
  const { $ref } = schema;
  if (typeof $ref === 'string') {
    const target = path.has($ref) ? undefined : resolvePointer(root, $ref);
    return target && make(target, root, new Set([...path, $ref]));
  }
  const stated = statedValue(schema);
  if (stated !== undefined) {
    return stated;
  }
  const alternatives = [schema['anyOf'], schema['oneOf']]
    .flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
    .filter(isSchema)
    .map((each) => make(each, root, path));
  // A union is shown by its first member that is not null.
  const chosen = alternatives.find(
    (value) => value !== undefined && value !== null,
  );
  if (chosen !== undefined && !isSchema(chosen)) {
    return chosen;
  }
  return byType({ ...schema }, root, path, chosen);
}

function statedValue(schema: JsonSchema): unknown {
  const { examples, const: constant, enum: members } = schema;
  const [first] = Array.isArray(examples) ? (examples as unknown[]) : [];
  return (
    first ??
    schema['default'] ??
    constant ??
    (Array.isArray(members) ? members[0] : undefined)
  );
}

function byType(
  schema: JsonSchema,
  root: JsonSchema,
  path: ReadonlySet<string>,
  base: unknown,
): unknown {
  const type = typesOf(schema)?.find((each) => each !== 'null');
  switch (
    type ??
    (isSchema(schema['properties']) || schema['allOf'] ? 'object' : '')
  ) {
    case 'object':
      return {
        ...(isSchema(base) && base),
        ...objectExample(schema, root, path),
      };
    case 'array': {
      const { items } = schema;
      const item = isSchema(items) ? make(items, root, path) : undefined;
      return item === undefined ? [] : [item];
    }
    case 'integer':
      return schema['minimum'] ?? 1;
    case 'number':
      return schema['minimum'] ?? 1.5;
    case 'boolean':
      return true;
    case 'string':
      return BY_FORMAT[String(schema['format'])] ?? 'string';
    default:
      return base;
  }
}

function objectExample(
  schema: JsonSchema,
  root: JsonSchema,
  path: ReadonlySet<string>,
): object {
  const { allOf, properties, additionalProperties } = schema;
  const parts = (Array.isArray(allOf) ? (allOf as unknown[]) : [])
    .filter(isSchema)
    .map((each) => make(each, root, path))
    .filter(isSchema);
  const own = Object.entries(isSchema(properties) ? properties : {})
    .map(
      ([name, each]) =>
        [name, isSchema(each) ? make(each, root, path) : undefined] as const,
    )
    .filter(([, value]) => value !== undefined);
  const more =
    own.length === 0 && isSchema(additionalProperties)
      ? make(additionalProperties, root, path)
      : undefined;
  return {
    ...Object.assign({}, ...parts),
    ...Object.fromEntries(own),
    ...(more !== undefined && { key: more }),
  } as object;
}

/** How much of the documented responses a description tells. */
interface ResponseDescriptionOptions {
  /** Every response, not the success alone. */
  readonly all: boolean;
  /** The JSON Schema of each response that has one. */
  readonly full: boolean;
  readonly sources: SchemaReader;
}

/**
 * The documented responses as Markdown, to stand below a tool's description.
 * Where no success is documented, every response is told.
 *
 * @returns an empty string if no response is documented
 */
export function describeResponses(
  operation: SwaggerOperation,
  { all, full, sources }: ResponseDescriptionOptions,
): string {
  const success = successStatus(operation);
  const blocks = Object.entries(operation.responses)
    .filter(([status]) => all || !success || status === success)
    .map(([status, response]) =>
      [
        `**${status}**: ${heading(response, status === success)}`,
        ...contentLines(
          response,
          responseSchema(operation, status, sources),
          full,
        ),
      ].join('\n'),
    );
  return blocks.length > 0 ? `### Responses:\n\n${blocks.join('\n\n')}` : '';
}

const heading = ({ description }: SwaggerContent, success: boolean): string =>
  [description, success ? '(Success Response)' : undefined]
    .filter((part) => part !== undefined)
    .join(' ');

function contentLines(
  response: SwaggerContent,
  schema: JsonSchema | undefined,
  full: boolean,
): string[] {
  const json = jsonContent(response);
  const [mediaType] = json ? [json.mediaType] : Object.keys(response.content);
  const example = json && exampleOf(json.content, schema);
  return [
    ...(mediaType === undefined ? [] : [`Content-Type: ${mediaType}`]),
    ...(example === undefined
      ? []
      : ['', '**Example Response:**', ...fenced(example)]),
    ...(full && schema ? ['', '**Output Schema:**', ...fenced(schema)] : []),
  ];
}

const fenced = (value: unknown): string[] => [
  '```json',
  JSON.stringify(value, undefined, 2),
  '```',
];
