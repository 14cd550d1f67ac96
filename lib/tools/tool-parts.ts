import type { Tool as ToolDefinition } from '@modelcontextprotocol/server';
import type {
  OutputValidator,
  ResultOptions,
} from '../invocation/result/result-options.interface.js';
import { toolError } from '../invocation/call/tool-error.js';
import type { ToolOutcome } from '../invocation/call/tool-outcome.interface.js';
import type { JsonSchema } from '../schema/json-schema/json-schema.interface.js';
import { checkTimeout } from '../timeout.js';
import { ArgumentValues } from '../schema/input/argument-values.js';
import { describeIssues } from '../schema/validation/schema-issue.js';
import { SchemaValidator } from '../schema/validation/schema.validator.js';
import {
  asStructured,
  lenientSchema,
  lenientValidator,
} from './documented-output.js';
import { checkHeaderParameters } from './header-parameters.js';
import { checkSchemaSize } from './schema-size.js';
import type { Tool } from './tool.interface.js';
import { toolAnnotations } from './tool-annotations.js';
import { toolRules } from './tool-context.js';
import { toolDescription } from './tool-description.js';
import type { ToolBuild } from './tool-build.interface.js';
import type { ToolCandidate } from './tool-candidate.interface.js';

type Arguments = Readonly<Record<string, unknown>>;

/** What a kind of tool finds out for itself. */
export interface ToolSchemas {
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

/** What every tool has, whatever it calls. */
export interface ToolParts {
  readonly identity: Omit<Tool, 'call'>;
  /** The arguments without what counts as not given. */
  readonly given: (args: Arguments) => Arguments;
  /** The answer to given arguments that break the input schema; undefined where they hold. */
  readonly refuse: (args: Arguments) => ToolOutcome | undefined;
  /** What a mapped result becomes in the end. */
  readonly settle: (outcome: ToolOutcome) => ToolOutcome;
  readonly resultOptions: ResultOptions;
}

/** @throws Error naming the tool, where a schema is invalid or the timeout is none */
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
  { settings, logger, warn }: ToolBuild,
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
        ...(options.title !== undefined && { title: options.title }),
        description: toolDescription(
          candidate,
          ruled.description,
          responses ?? '',
        ),
        inputSchema: inputSchema as ToolDefinition['inputSchema'],
        ...(outputSchema && {
          outputSchema: (isLenient
            ? lenientSchema(outputSchema)
            : outputSchema) as ToolDefinition['outputSchema'],
        }),
        ...(annotations && { annotations }),
        ...(options.icons && { icons: [...options.icons] }),
        ...(options._meta && { _meta: { ...options._meta } }),
      },
    },
    given: (args) => values.given(args),
    refuse(args) {
      const issues = input.issuesOf(values.typed(args));
      return issues.length > 0
        ? toolError(`Invalid arguments: ${describeIssues(issues)}`)
        : undefined;
    },
    settle: (outcome) =>
      outputSchema && isLenient ? asStructured(outcome, outputSchema) : outcome,
    resultOptions: {
      toolName: name,
      pretty: settings.pretty,
      maxResultBytes: settings.maxResultBytes,
      outputValidator:
        validate && isLenient
          ? lenientValidator(validate, name, (text) => logger.warn(text))
          : validate,
      isReadOnly: annotations?.readOnlyHint === true,
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
