import type {
  CallToolResult,
  Tool as ToolDefinition,
} from '@modelcontextprotocol/server';
import {
  type CallResult,
  failed,
  type FailedCall,
} from '../invocation/call-result.js';
import type {
  OutputValidator,
  ResultOptions,
} from '../invocation/result/result-options.js';
import { checkTimeout } from '../options/option-values.js';
import { isJsonSchema } from '../schema/sources/schema-reader.js';
import { ArgumentValues } from '../schema/input/argument-values.js';
import { portableSchema } from '../schema/json-schema/portable-schema.js';
import type { JsonSchema } from '../schema/json-schema/schema-keywords.js';
import { describeIssues } from '../schema/validation/schema-issue.js';
import { SchemaValidator } from '../schema/validation/schema.validator.js';
import type { OperationBuild } from '../server/server-settings.js';
import { checkHeaderParameters } from './header-parameters.js';
import { toolRules } from './tool-context.js';
import {
  derivedTitle,
  toolAnnotations,
  toolDescription,
} from './tool-description.js';
import type { Tool, ToolCandidate } from './tool.registry.js';

type ToolCallResult = CallResult<CallToolResult>;
type Arguments = Readonly<Record<string, unknown>>;

/** What a kind of tool finds out for itself. */
interface ToolSchemas {
  readonly inputSchema: JsonSchema & { readonly type: 'object' };
  /** Names of arguments that travel as text. */
  readonly textual?: readonly string[];
  readonly outputSchema: JsonSchema | undefined;
  /** Whether answers that break the output schema are sent all the same. @default false */
  readonly isLenient?: boolean;
  /** What the description ends with. @default nothing */
  readonly responses?: string;
  /** Undefined for a provider's method. */
  readonly httpMethod: string | undefined;
}

/** What tools of routes and of providers have in common. */
interface ToolParts {
  readonly identity: Omit<Tool, 'call'>;
  /** The arguments without what counts as not given. */
  readonly given: (args: Arguments) => Arguments;
  /** The answer to given arguments that break the input schema; undefined where they hold. */
  readonly refuse: (args: Arguments) => FailedCall | undefined;
  /** What a mapped result becomes in the end. */
  readonly settle: (outcome: ToolCallResult) => ToolCallResult;
  readonly resultOptions: ResultOptions;
}

/** @throws Error naming the tool, for an invalid schema or timeout */
export function toolParts(
  name: string,
  candidate: ToolCandidate,
  {
    inputSchema,
    textual,
    outputSchema,
    isLenient,
    responses,
    httpMethod,
  }: ToolSchemas,
  { settings, logger, warn }: OperationBuild,
): ToolParts {
  const { options, origin } = candidate;
  checkTimeout('@McpTool', options.timeout, origin);
  const derived =
    candidate.kind === 'route' && options.inputSchema === undefined;
  checkSchemaSize(inputSchema, `inputSchema of ${origin}`);
  const input = new SchemaValidator(inputSchema, `inputSchema of ${origin}`, {
    validateFormats: !derived,
    compileOnFirstUse: derived,
  });
  const values = new ArgumentValues(inputSchema, textual ?? []);
  if (outputSchema) {
    checkSchemaSize(outputSchema, `outputSchema of ${origin}`);
  }
  const validate = outputSchema && outputValidatorOf(outputSchema, origin);
  checkHeaderParameters(inputSchema, { name, origin }, warn);
  const ruled = toolRules(name, candidate, settings);
  const annotations = toolAnnotations(
    httpMethod,
    ruled.annotations,
    options.annotations,
  );
  return {
    identity: {
      kind: 'tool',
      name,
      origin,
      owner: candidate.owner,
      handler: handlerOf(candidate),
      confirm: confirmationOf(options.confirm, options.title ?? name),
      definition: {
        name,
        title: options.title ?? derivedTitle(candidate),
        description: toolDescription(
          candidate,
          ruled.description,
          responses ?? '',
        ),
        inputSchema: (settings.portability === 'strict' ||
        isJsonSchema(options.inputSchema)
          ? inputSchema
          : portableSchema(inputSchema)) as ToolDefinition['inputSchema'],
        ...(outputSchema && {
          outputSchema: (isLenient
            ? lenientSchema(outputSchema)
            : outputSchema) as ToolDefinition['outputSchema'],
        }),
        annotations,
        ...(options.icons && { icons: [...options.icons] }),
        ...(options._meta && { _meta: { ...options._meta } }),
      },
    },
    given: (args) => values.given(args),
    refuse(args) {
      const issues = input.issuesOf(values.typed(args));
      return issues.length > 0
        ? failed('caller', `Invalid arguments: ${describeIssues(issues)}`)
        : undefined;
    },
    settle: (outcome) =>
      outputSchema && isLenient ? asStructured(outcome, outputSchema) : outcome,
    resultOptions: {
      label: `Tool "${name}"`,
      toolName: name,
      maxResultBytes: settings.limits.maxResultBytes,
      outputValidator:
        validate && isLenient
          ? lenientValidator(validate, name, (text) => logger.warn(text))
          : validate,
      isReadOnly: annotations.readOnlyHint === true,
      narrowingArguments: Object.keys(inputSchema['properties'] ?? {}),
      logger,
    },
  };
}

function outputValidatorOf(
  outputSchema: JsonSchema,
  origin: string,
): OutputValidator {
  const output = new SchemaValidator(
    outputSchema,
    `outputSchema of ${origin}`,
    {
      validateFormats: false,
    },
  );
  return (value) => output.validate(value);
}

function confirmationOf(
  confirm: boolean | string | undefined,
  name: string,
): string | undefined {
  return confirm === true ? `Run "${name}"?` : confirm || undefined;
}

/** The method that carries the tool's decorators. */
function handlerOf({ owner, methodName }: ToolCandidate): object {
  return (owner.prototype as Record<string, object>)[methodName] ?? owner;
}

/** Objects within objects; a property of a property takes two. */
const MAX_DEPTH = 128;
/** Objects in all, subschemas and what holds them. */
const MAX_PARTS = 20_000;

/**
 * Bounds what clients, and the compiler of schemas, are made to walk through
 * (MCP 2026-07-28, Tools, "Security Considerations").
 *
 * @param name what the schema is for: `inputSchema of CatsController.find`
 * @throws Error naming the schema, its size and the remedy
 */
export function checkSchemaSize(schema: JsonSchema, name: string): void {
  let parts = 0;
  let level: JsonSchema[] = [schema];
  for (let depth = 1; level.length > 0; depth += 1) {
    parts += level.length;
    if (depth > MAX_DEPTH || parts > MAX_PARTS) {
      throw new Error(
        `${name} is ` +
          (depth > MAX_DEPTH
            ? `nested more than ${MAX_DEPTH} objects deep`
            : `made of more than ${MAX_PARTS} objects`) +
          '. Take a part of it out, or split the tool.',
      );
    }
    const next: JsonSchema[] = [];
    for (const part of level) {
      for (const key in part) {
        const value = part[key];
        if (typeof value === 'object' && value !== null) {
          next.push(value as JsonSchema);
        }
      }
    }
    level = next;
  }
}

/**
 * The schema as clients may rely on it where answers are not held to it: what is
 * documented, or anything else of its kind. Clients check structured content,
 * and its presence, by the schema that they were told.
 */
function lenientSchema(schema: JsonSchema): JsonSchema {
  const { $defs, ...documented } = schema;
  return {
    ...(schema['type'] === 'object' && { type: 'object' }),
    anyOf: [documented, {}],
    ...($defs !== undefined && { $defs }),
  };
}

/** A validator that finds nothing, and tells the log of the first value that the documented schema would not take. */
function lenientValidator(
  validate: OutputValidator,
  toolName: string,
  warn: (message: string) => void,
): OutputValidator {
  let told = false;
  return (value) => {
    const problem = told ? undefined : validate(value);
    if (problem) {
      told = true;
      warn(
        `Tool "${toolName}" answers otherwise than its documented response ` +
          `says: ${problem.message}. It is sent all the same, and not logged ` +
          "again; outputSchema: 'strict' would refuse it.",
      );
    }
    return undefined;
  };
}

/** Gives a result the structured content that clients insist on, where its schema is an object and the value none. */
function asStructured(
  outcome: ToolCallResult,
  { type }: JsonSchema,
): ToolCallResult {
  const { result } = outcome;
  const value: unknown = result?.structuredContent;
  const isObject =
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (
    result === undefined ||
    result.isError === true ||
    isObject ||
    (type !== 'object' && value !== undefined)
  ) {
    return outcome;
  }
  const structured =
    type !== 'object' ? null : value === undefined ? {} : { result: value };
  return {
    result: {
      ...result,
      structuredContent: structured as Record<string, unknown>,
    },
  };
}
