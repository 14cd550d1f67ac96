import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import {
  hasShape,
  isSchema,
  type JsonSchema,
  mapSubschemas,
} from '../schema/json-schema/schema-keywords.js';
import { definitionNameOf } from '../schema/json-schema/schema-reference.js';

/** Whose rules tools are held to. */
export const PORTABILITY_CLIENTS = [
  'Claude',
  'Claude directory',
  'ChatGPT',
  'OpenAI strict',
  'Gemini',
  'Cursor',
  'VS Code',
] as const;

/** A client, or a vendor's rules, that tools are held to. @publicApi */
export type PortabilityClient = (typeof PORTABILITY_CLIENTS)[number];

/** One thing for which a client refuses a tool, or drops it in silence. @publicApi */
export interface PortabilityFinding {
  readonly client: PortabilityClient;
  /** Name of the tool; undefined where it is the list as a whole. */
  readonly tool: string | undefined;
  /** What the client asks for. */
  readonly rule: string;
  /** What the tool was made from, `GET /cats/:id (CatsController.find)`, and where in its schema: `#/properties/id`. */
  readonly source: string;
  /** What to change. */
  readonly remedy: string;
}

/** A tool as it is listed, and what it was made from. */
export interface ListedTool {
  readonly definition: ToolDefinition;
  readonly source: string;
}

interface Fault {
  readonly rule: string;
  readonly remedy: string;
}

/** What one client asks of a tool. */
interface ToolRule extends Fault {
  readonly clients: readonly PortabilityClient[];
  readonly isBroken: (tool: ToolDefinition, serverName: string) => boolean;
}

/** What one client asks of each schema in a tool's input schema. */
interface SchemaRule extends Fault {
  readonly clients: readonly PortabilityClient[];
  readonly isBroken: (schema: JsonSchema, isRoot: boolean) => boolean;
}

const MODELS = ['Claude', 'ChatGPT', 'Gemini'] as const;
const BY_NAME = 'Give it another by @McpTool({ name }) or the toolName option.';
const BY_SCHEMA =
  "Leave portability at 'wide', or write the inputSchema without it.";

/** Characters of a description that Claude Code shows. */
const DESCRIPTION_SHOWN = 4096;

const TOOL_RULES: readonly ToolRule[] = [
  {
    clients: MODELS,
    rule: 'A name has A-Z, a-z, 0-9, "_" and "-" alone',
    remedy: BY_NAME,
    isBroken: ({ name }) => !/^[A-Za-z0-9_-]+$/.test(name),
  },
  {
    clients: MODELS,
    rule: 'A name has at most 64 characters, with mcp__<server>__ in front',
    remedy: BY_NAME,
    isBroken: ({ name }, server) => `mcp__${server}__${name}`.length > 64,
  },
  {
    clients: ['Claude directory'],
    rule: 'A tool has a title',
    remedy:
      'Give one by @McpTool({ title }) or the summary of @ApiOperation().',
    isBroken: ({ title, annotations }) => !(title ?? annotations?.title),
  },
  {
    clients: ['Claude directory'],
    rule: 'A tool says by readOnlyHint or destructiveHint what it does',
    remedy:
      'Give one by @McpTool({ annotations }) or the toolAnnotations option.',
    isBroken: ({ annotations }) =>
      annotations?.readOnlyHint === undefined &&
      annotations?.destructiveHint === undefined,
  },
  {
    clients: [...MODELS, 'Claude directory'],
    rule: 'A tool has a description',
    remedy:
      'Give one by @McpTool({ description }) or the summary of @ApiOperation().',
    isBroken: ({ description }) => !description,
  },
  {
    clients: ['Claude'],
    rule: `Claude Code shows ${DESCRIPTION_SHOWN} characters of a description`,
    remedy: 'Shorten it, and leave describeAllResponses off.',
    isBroken: ({ description }) =>
      (description ?? '').length > DESCRIPTION_SHOWN,
  },
];

/** Keywords that OpenAI's strict mode has no reading of. */
const NOT_STRICT = [
  'oneOf',
  'allOf',
  'not',
  'if',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'dependentRequired',
  'dependentSchemas',
  'prefixItems',
];

const SCHEMA_RULES: readonly SchemaRule[] = [
  {
    clients: MODELS,
    rule: 'The root of a schema is an object without anyOf, oneOf and allOf',
    remedy: BY_SCHEMA,
    isBroken: (schema, isRoot) =>
      isRoot && ['anyOf', 'oneOf', 'allOf'].some((each) => each in schema),
  },
  {
    clients: ['Gemini'],
    rule: 'A schema has one type',
    remedy: BY_SCHEMA,
    isBroken: ({ type }) => Array.isArray(type),
  },
  {
    clients: ['Gemini'],
    rule: 'const and prefixItems are unknown',
    remedy: BY_SCHEMA,
    isBroken: (schema) => 'const' in schema || 'prefixItems' in schema,
  },
  {
    clients: ['Gemini'],
    rule: 'The only format of a text is date-time',
    remedy: BY_SCHEMA,
    isBroken: ({ type, format }) =>
      type === 'string' && format !== undefined && format !== 'date-time',
  },
  {
    clients: ['Gemini'],
    rule: 'An enumeration names its type',
    remedy: BY_SCHEMA,
    isBroken: (schema) => 'enum' in schema && !('type' in schema),
  },
  {
    clients: ['Gemini'],
    rule: 'A $ref points to #/$defs, and stands alone',
    remedy: BY_SCHEMA,
    isBroken: ({ $ref, ...rest }) =>
      $ref !== undefined &&
      (definitionNameOf($ref) === undefined ||
        Object.keys(rest).some((keyword) => !keyword.startsWith('$'))),
  },
  {
    clients: ['Gemini', 'OpenAI strict'],
    rule: 'A value has a type',
    remedy:
      'Give the parameter a DTO or @ApiProperty({ type }), or write an inputSchema.',
    isBroken: (schema) => !hasShape(schema),
  },
  {
    clients: ['OpenAI strict'],
    rule: 'An object names all of its properties',
    remedy: 'Give it a DTO in place of an object with any keys.',
    isBroken: ({ type, additionalProperties }) =>
      type === 'object' && additionalProperties !== false,
  },
  {
    clients: ['OpenAI strict'],
    rule: `${NOT_STRICT.join(', ')} are unknown`,
    remedy: BY_SCHEMA,
    isBroken: (schema) => NOT_STRICT.some((keyword) => keyword in schema),
  },
];

/** How many tools a client takes, of all of its servers together. */
const MOST_TOOLS: readonly (readonly [PortabilityClient, number])[] = [
  ['Cursor', 80],
  ['VS Code', 128],
];

/** Everything for which one of the clients refuses a tool, or the list. */
export function findingsOf(
  tools: readonly ListedTool[],
  serverName: string,
): PortabilityFinding[] {
  const server = serverName.replace(/[^A-Za-z0-9_-]/g, '_');
  return [
    ...MOST_TOOLS.filter(([, most]) => tools.length > most).map(
      ([client, most]) => ({
        client,
        tool: undefined,
        rule: `A list has at most ${most} tools`,
        source: `the server "${serverName}" with ${tools.length} tools`,
        remedy:
          'Expose fewer by include or exclude, or split them over several servers.',
      }),
    ),
    ...tools.flatMap(({ definition, source }) => [
      ...TOOL_RULES.filter(({ isBroken }) =>
        isBroken(definition, server),
      ).flatMap((rule) => findingsFor(rule, definition.name, source)),
      ...schemasIn(definition.inputSchema as JsonSchema).flatMap(
        ([place, schema]) =>
          SCHEMA_RULES.filter(({ isBroken }) =>
            isBroken(schema, place === '#'),
          ).flatMap((rule) =>
            findingsFor(rule, definition.name, `${source} at ${place}`),
          ),
      ),
    ]),
  ];
}

const findingsFor = (
  { clients, rule, remedy }: ToolRule | SchemaRule,
  tool: string,
  source: string,
): PortabilityFinding[] =>
  clients.map((client) => ({ client, tool, rule, source, remedy }));

/** Every schema in a schema, itself first, with its JSON pointer. */
function schemasIn(
  schema: JsonSchema,
  place = '#',
): (readonly [string, JsonSchema])[] {
  const found: (readonly [string, JsonSchema])[] = [[place, schema]];
  mapSubschemas(schema, (subschema, keyword) => {
    found.push(
      ...schemasIn(subschema, `${place}/${pathTo(schema, keyword, subschema)}`),
    );
    return subschema;
  });
  return found;
}

function pathTo(
  parent: JsonSchema,
  keyword: string,
  child: JsonSchema,
): string {
  const holder = parent[keyword];
  if (holder === child || !(isSchema(holder) || Array.isArray(holder))) {
    return keyword;
  }
  const key = Object.entries(holder).find(([, each]) => each === child)?.[0];
  return `${keyword}/${(key ?? '').replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
