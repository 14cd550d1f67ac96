import { checkTimeout } from '../timeout.js';
import type { ToolBuild } from '../tools/tool-build.interface.js';
import { defaultMethodName } from '../tools/method-name.js';
import type { ResourceCandidate } from './resource-candidate.interface.js';
import type { Resource } from './resource.interface.js';
import type { ContentOptions } from './resource-contents.js';
import { checkUri, isTemplate } from './template-parts.js';
import { UriTemplate } from './uri.template.js';

/** What every resource has, whatever is behind it. */
export interface ResourceIdentity {
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
  { settings, logger }: ToolBuild,
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
  const { timeout = settings.timeout } = options;
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
      pretty: settings.pretty,
      maxResultBytes: settings.maxResultBytes,
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
      throw new Error('it is none');
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
