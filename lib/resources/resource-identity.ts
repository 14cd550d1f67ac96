import { checkTimeout } from '../options/option-values.js';
import type { JsonSchema } from '../schema/json-schema/schema-keywords.js';
import type { OperationBuild } from '../server/server-settings.js';
import { defaultMethodName } from '../tools/tool-name.js';
import type { ContentOptions } from './resource-contents.js';
import type { Resource, ResourceCandidate } from './resource.registry.js';
import { checkUri, isTemplate } from './template-parts.js';
import { UriTemplate } from './uri.template.js';

/** What resources of routes and of providers have in common. */
interface ResourceIdentity {
  readonly identity: Omit<Resource, 'read'>;
  /** Milliseconds until a read is given up. */
  readonly timeoutMs: number;
  /** @param uri as the client wrote it */
  readonly contentOptions: (uri: string) => ContentOptions;
}

/** @throws Error naming the resource's origin, for an option that cannot be */
export function resourceIdentity(
  candidate: ResourceCandidate,
  description: string | undefined,
  { settings, logger }: OperationBuild,
): ResourceIdentity {
  const { options, owner, methodName, origin } = candidate;
  const { uri, title, mimeType, icons, annotations, size, _meta } = options;
  const template = templateOf(candidate);
  if (template && size !== undefined) {
    throw new Error(
      `@McpResource({ size }) of ${origin} stands with a template, whose ` +
        'resources differ. Leave it out.',
    );
  }
  const { timeout = settings.limits.timeout } = options;
  checkTimeout('@McpResource', timeout, origin);
  const definition = {
    name: options.name ?? defaultMethodName(owner.name, methodName),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(mimeType !== undefined && { mimeType }),
    ...(icons && { icons: [...icons] }),
    ...(annotations && { annotations }),
    ...(size !== undefined && { size }),
    ...(_meta && { _meta: { ..._meta } }),
  };
  return {
    identity: {
      kind: 'resource',
      name: uri,
      owner,
      handler: (owner.prototype as Record<string, object>)[methodName] ?? owner,
      origin,
      template,
      cache: options.cache,
      definition: template
        ? { uriTemplate: uri, ...definition }
        : { uri, ...definition },
    },
    timeoutMs: timeout,
    contentOptions: (requested) => ({
      label: `Resource "${requested}"`,
      uri: requested,
      mimeType,
      maxResultBytes: settings.limits.maxResultBytes,
      logger,
    }),
  };
}

function templateOf({
  options: { uri },
  origin,
}: ResourceCandidate): UriTemplate | undefined {
  try {
    if (typeof uri !== 'string') {
      throw new Error('a URI is a text');
    }
    if (isTemplate(uri)) {
      return new UriTemplate(uri);
    }
    checkUri(uri);
    return undefined;
  } catch (error) {
    throw new Error(
      `@McpResource({ uri: ${JSON.stringify(uri)} }) of ${origin} cannot be ` +
        `read: ${(error as Error).message}.`,
      { cause: error },
    );
  }
}

type Templated = Pick<Resource, 'template' | 'name'>;

/**
 * Arguments that no URI can have would fail every read.
 *
 * @param label for messages: `The first parameter of Orders.invoice`
 * @throws Error naming them and the remedy
 */
export function refuseUnnamed(
  schema: JsonSchema | undefined,
  { template, name }: Templated,
  label: string,
): void {
  const sure = template?.required ?? [];
  const required = (schema?.['required'] ?? []) as string[];
  const missing = required.filter((argument) => !sure.includes(argument));
  if (missing.length > 0) {
    throw new Error(
      `${label} requires ${quoted(missing)}, which not every URI of "${name}" ` +
        'has. Make it a variable of the path in @McpResource({ uri }), or optional.',
    );
  }
}

/**
 * A variable that leads nowhere is most likely misspelt.
 *
 * @throws Error naming it and the arguments there are
 */
export function refuseUnknown(
  known: readonly string[],
  { template, name }: Templated,
  label: string,
): void {
  const variables = [
    ...(template?.required ?? []),
    ...(template?.optional ?? []),
  ];
  const unknown = variables.filter((variable) => !known.includes(variable));
  if (unknown.length > 0) {
    throw new Error(
      `The template "${name}" has ${quoted(unknown)}, which ${label} does not ` +
        `take. It takes ${known.length > 0 ? quoted(known) : 'nothing'}.`,
    );
  }
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
