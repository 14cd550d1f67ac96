import {
  type ElicitRequestFormParams,
  type InputRequest,
  inputRequired,
  inputResponse,
} from '@modelcontextprotocol/server';
import { Logger } from '@nestjs/common';
import type { Elicitation } from '../../invocation/call/client-link.js';
import type { JsonSchema } from '../../schema/json-schema/schema-keywords.js';
import {
  resolveSchema,
  type SchemaInput,
} from '../../schema/sources/schema-reader.js';
import { loadSchemaReader } from '../../schema/sources/schema.loader.js';
import { SchemaValidator } from '../../schema/validation/schema.validator.js';
import { isSecretName } from '../../secrets/secret-name.js';

/** Something only the client, or the person in front of it, can answer. */
export interface Question<T> {
  /** Tells it from the others of the call, run after run. */
  readonly key: string;
  readonly request: InputRequest;
  /** The answer as the caller wants it; undefined for one that does not fit. */
  readonly read: (response: unknown) => T | undefined;
}

/** A form, ready to send, and what its answers are held to. */
interface Form {
  readonly schema: ElicitRequestFormParams['requestedSchema'];
  readonly validator: SchemaValidator;
}

/** Types a field may have, that people can fill in (MCP, Elicitation, "Requested Schema"). */
const FIELD_TYPES: readonly unknown[] = [
  'string',
  'number',
  'integer',
  'boolean',
  'array',
];

const logger = new Logger('McpContext');
const forms = new WeakMap<object, Form>();

/**
 * Asks a person to fill in a form.
 *
 * @throws Error for a schema that is no flat object
 */
export async function formQuestion<T>(
  key: string,
  message: string,
  source: SchemaInput,
): Promise<Question<Elicitation<T>>> {
  const { schema, validator } = await formOf(source);
  return {
    key,
    request: inputRequired.elicit({ message, requestedSchema: schema }),
    read: (response) => {
      const answer = readAction(response);
      return answer?.action !== 'accept'
        ? answer
        : validator.validate(answer.content) === undefined
          ? { action: 'accept', content: answer.content as T }
          : undefined;
    },
  };
}

/** Asks a person to visit a page; what happens there stays between them. */
export function urlQuestion(
  key: string,
  message: string,
  url: string,
): Question<Elicitation<undefined>> {
  return {
    key,
    request: inputRequired.elicitUrl({ message, url }),
    read: (response) => {
      const answer = readAction(response);
      return answer?.action === 'accept'
        ? { action: 'accept', content: undefined }
        : answer;
    },
  };
}

function readAction(
  response: unknown,
): Elicitation<Record<string, unknown>> | undefined {
  const view = inputResponse({ response }, 'response');
  if (view.kind !== 'elicit') {
    return undefined;
  }
  return view.action === 'accept'
    ? { action: 'accept', content: view.content ?? {} }
    : { action: view.action };
}

async function formOf(source: SchemaInput): Promise<Form> {
  const known = forms.get(source);
  if (known) {
    return known;
  }
  const resolved = resolveSchema(source, 'input', await loadSchemaReader());
  const schema = flatSchema(resolved);
  warnOfSecrets(schema);
  const form: Form = {
    schema,
    validator: new SchemaValidator(resolved, 'the schema of elicit()', {
      validateFormats: true,
    }),
  };
  forms.set(source, form);
  return form;
}

function flatSchema(
  schema: JsonSchema,
): ElicitRequestFormParams['requestedSchema'] {
  const { type, required } = schema;
  const properties = Object.fromEntries(
    Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(
      ([name, field]) => [name, { ...field, type: withoutNull(field.type) }],
    ),
  );
  const nested = Object.entries(properties).find(
    ([, { type: fieldType }]) => !FIELD_TYPES.includes(fieldType),
  );
  if (type !== 'object' || nested) {
    throw new Error(
      'elicit() takes the schema of an object whose fields are strings, ' +
        'numbers, booleans or choices' +
        (nested ? `; its field "${nested[0]}" is none of them.` : '.'),
    );
  }
  return {
    type,
    properties,
    ...(Array.isArray(required) && { required }),
  } as ElicitRequestFormParams['requestedSchema'];
}

/** MCP, Elicitation: servers must not ask for secrets in a form. */
function warnOfSecrets({
  properties,
}: ElicitRequestFormParams['requestedSchema']): void {
  const secret = Object.keys(properties).find(isSecretName);
  if (secret !== undefined) {
    logger.warn(
      `A form of elicit() has the field "${secret}". What is filled in passes ` +
        'through the client, and its model: send people to a page of yours for ' +
        'secrets, by elicitUrl().',
    );
  }
}

/** A form leaves a field empty; it knows no null. */
function withoutNull(type: unknown): unknown {
  const types = [type].flat().filter((entry) => entry !== 'null');
  return types.length === 1 ? types[0] : type;
}
