import type {
  CreateMessageRequest,
  CreateMessageResult,
  ElicitRequest,
  ElicitResult,
  LoggingMessageNotification,
  Progress,
} from '@modelcontextprotocol/client';

/** A list of a server that can change. @publicApi */
export type McpClientList = 'tools' | 'prompts' | 'resources';

/** What a handler is told beside what it is about. @publicApi */
export interface McpClientEvent {
  /** Name of the server that asks, or tells. */
  readonly server: string;
  /** Of a question: aborted when the server no longer waits for the answer. */
  readonly signal?: AbortSignal;
  /** Of progress: name of the tool that was called. */
  readonly tool?: string;
}

type Method<Subject, Answer> = <
  T extends (
    subject: Subject,
    event: McpClientEvent,
  ) => Answer | Promise<Answer>,
>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<T>,
) => void;

/** What a decorator stands for, in messages and in metadata. A string, as a process may load both module formats. */
export const HANDLER_KINDS = {
  elicitation: {
    metadata: 'nestjs-mcp:client:elicitation',
    decorator: '@McpOnElicitation()',
    plural: 'handlers',
  },
  sampling: {
    metadata: 'nestjs-mcp:client:sampling',
    decorator: '@McpOnSampling()',
    plural: 'handlers',
  },
  progress: {
    metadata: 'nestjs-mcp:client:progress',
    decorator: '@McpOnProgress()',
    plural: 'handlers',
  },
  log: {
    metadata: 'nestjs-mcp:client:log',
    decorator: '@McpOnLog()',
    plural: 'handlers',
  },
  listChanged: {
    metadata: 'nestjs-mcp:client:list-changed',
    decorator: '@McpOnListChanged()',
    plural: 'handlers',
  },
} as const;

/** @param server name of the only server; undefined for all */
function handles<Subject, Answer>(
  kind: keyof typeof HANDLER_KINDS,
  server: string | undefined,
): Method<Subject, Answer> {
  return (_target, _key, descriptor) =>
    Reflect.defineMetadata(
      HANDLER_KINDS[kind].metadata,
      { server },
      descriptor.value as object,
    );
}

/**
 * Has a provider's method answer what a server asks the user: a form, or to
 * open a URL. Without one, servers are told that nobody can be asked. A URL
 * that is not https, or at a private address, is declined unseen.
 *
 * @param server the only one that it answers; before that of all servers
 * @publicApi
 */
export const McpOnElicitation = (
  server?: string,
): Method<ElicitRequest['params'], ElicitResult> =>
  handles('elicitation', server);

/**
 * Has a provider's method answer what a server asks the model (MCP, Sampling).
 *
 * @param server as {@link McpOnElicitation}
 * @publicApi
 */
export const McpOnSampling = (
  server?: string,
): Method<CreateMessageRequest['params'], CreateMessageResult> =>
  handles('sampling', server);

/**
 * Has a provider's method told how far calls are.
 *
 * @param server the only one whose calls it is told of
 * @publicApi
 */
export const McpOnProgress = (server?: string): Method<Progress, void> =>
  handles('progress', server);

/**
 * Has a provider's method told what servers log.
 *
 * @param server the only one whose messages it is told
 * @publicApi
 */
export const McpOnLog = (
  server?: string,
): Method<LoggingMessageNotification['params'], void> => handles('log', server);

/**
 * Has a provider's method told that a list of a server has changed.
 *
 * @param server the only one whose lists it is told of
 * @publicApi
 */
export const McpOnListChanged = (
  server?: string,
): Method<McpClientList, void> => handles('listChanged', server);
