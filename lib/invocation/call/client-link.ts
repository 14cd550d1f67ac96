import type {
  ClientCapabilities,
  CreateMessageRequestParams,
  CreateMessageResult,
  CreateMessageResultWithTools,
  Implementation,
  LoggingLevel,
  RequestId,
  Root,
  ServerEvent,
} from '@modelcontextprotocol/server';
import type { SchemaInput } from '../../schema/sources/schema-reader.js';
import { McpError } from './call.errors.js';

/**
 * `'modern'`: 2026-07-28, where every request stands alone. `'legacy'`: the
 * revisions before it, which begin with `initialize`.
 *
 * @publicApi
 */
export type ProtocolEra = 'modern' | 'legacy';

/** What the client says of itself; nothing of it is verified. @publicApi */
export interface McpClientInfo {
  /** Name and version. */
  readonly info: Implementation | undefined;
  readonly capabilities: ClientCapabilities;
}

/** What became of a question to a person. @publicApi */
export type Elicitation<T> =
  | { readonly action: 'accept'; readonly content: T }
  | { readonly action: 'decline' }
  | { readonly action: 'cancel' };

/** What the client's model said. @publicApi */
export type SamplingResult = CreateMessageResult | CreateMessageResultWithTools;

/** What one call can tell, and ask, its client. */
export interface ClientLink {
  readonly era: ProtocolEra;
  /** Undefined where a stateless legacy client did not say. */
  readonly protocolVersion: string | undefined;
  readonly sessionId: string | undefined;
  readonly requestId: RequestId;
  readonly client: McpClientInfo;
  /** How many questions the client has yet to answer, while it does not count as silent. */
  readonly waiting: number;
  /** Resolves when there is room for more; never rejects. */
  log(
    level: LoggingLevel,
    data: unknown,
    logger: string | undefined,
  ): Promise<void>;
  /**
   * Has a person fill in a form. As with all questions, `key` tells this one
   * from the others of the call, run after run; those put at the same time are
   * asked together.
   *
   * @throws InputRequiredError where the call must be run again to have the
   * answer; McpError where the client cannot be asked, or does not answer
   */
  elicit<T>(
    key: string,
    message: string,
    schema: SchemaInput,
  ): Promise<Elicitation<T>>;
  /** Sends a person to a page. */
  elicitUrl(
    key: string,
    message: string,
    url: string,
  ): Promise<Elicitation<undefined>>;
  /** Has the client's model answer. */
  sample(
    key: string,
    params: CreateMessageRequestParams,
  ): Promise<SamplingResult>;
  /** The folders that the client works in. */
  listRoots(key: string): Promise<readonly Root[]>;
  /** What `make` gave the first time, however often the call is run again. */
  once<T>(key: string, make: () => T | Promise<T>): Promise<T>;
  /** Tells whoever listens, on every instance. */
  publish(event: ServerEvent): void;
  /** Ends the stream that carries the answer, so that the client resumes it later. */
  closeStream(): void;
}

/** The link of a call without a client, as the application itself makes it: questions are refused, messages dropped. */
export function silentClientLink(
  publish: ClientLink['publish'] = () => undefined,
): ClientLink {
  return {
    era: 'modern',
    protocolVersion: undefined,
    sessionId: undefined,
    requestId: 0,
    client: { info: undefined, capabilities: {} },
    waiting: 0,
    log: () => Promise.resolve(),
    elicit: refuse,
    elicitUrl: refuse,
    sample: refuse,
    listRoots: refuse,
    once: (_key, make) => Promise.resolve(make()),
    publish,
    closeStream: () => undefined,
  };
}

function refuse(): Promise<never> {
  return Promise.reject(
    new McpError('This asks its client, and the application has none.'),
  );
}
