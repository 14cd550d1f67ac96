import type {
  SwaggerContent,
  SwaggerOperation,
} from '../../nest/swagger-operation.js';
import type { JsonSchema } from '../json-schema/json-schema.interface.js';
import type { SchemaSources } from '../sources/schema-sources.js';
import { responseSchema } from './output-schema.builder.js';
import { exampleOf } from './response-example.js';
import { jsonContent, successStatus } from './success-response.js';

/** How much of the documented responses a description tells. */
export interface ResponseDescriptionOptions {
  /** Every response, not the success alone. */
  readonly all: boolean;
  /** The JSON Schema of each response that has one. */
  readonly full: boolean;
  readonly sources: SchemaSources;
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
