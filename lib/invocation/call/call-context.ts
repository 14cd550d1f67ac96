import type { Type } from '@nestjs/common';
import type {
  CreateMessageRequestParams,
  RequestId,
  Root,
} from '@modelcontextprotocol/server';
import type { AccessToken } from '../../auth/token/access-token.js';
import {
  getHttpHeaders,
  getAccessToken,
} from '../../auth/context/request-context.js';
import { ScopeSlot } from '../../context/scope-slot.js';
import type { JsonSchema } from '../../schema/json-schema/schema-keywords.js';
import type {
  InferSchema,
  StandardSchema,
} from '../../schema/sources/standard-schema.reader.js';
import type { OperationKind } from '../call-result.js';
import type { Call } from './call.interface.js';
import type {
  Elicitation,
  McpClientInfo,
  ProtocolEra,
  SamplingResult,
} from './client-link.js';
import { McpLog, McpNotify } from './mcp-log.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** How a question is put. @publicApi */
export interface QuestionOptions {
  /**
   * Name of the question, unique in the call. Give one where the questions of
   * a call depend on anything but its arguments and earlier answers.
   * @default kind and number, in the order asked
   */
  readonly key?: string;
}

const QUESTION_KEYS: OptionKeys<QuestionOptions> = { key: true };

const running = new ScopeSlot<CallContext>();

/** The context of one call; {@link McpContext} to applications. */
export class CallContext {
  private asked = 0;

  /**
   * @param call undefined for what is injected: the call is then that of the code that asks
   * @param endSignal aborted when the call is given up, for any reason
   */
  constructor(
    private readonly call?: Call,
    private readonly endSignal?: AbortSignal,
  ) {}

  private get own(): Call {
    const call = this.call ?? running.get()?.call;
    if (!call) {
      throw new Error(
        'McpContext was used outside an MCP call. Ask its isActive first.',
      );
    }
    return call;
  }

  /** Whether an MCP call is being served: false in a plain HTTP request. */
  get isActive(): boolean {
    return (this.call ?? running.get()) !== undefined;
  }

  get kind(): OperationKind {
    return this.own.kind;
  }

  /** Name of the tool or prompt, URI of the resource. */
  get name(): string {
    return this.own.name;
  }

  /** The request on the MCP endpoint: Express's `Request`, a `FastifyRequest`, or a stand-in on stdio. */
  get request(): unknown {
    return this.own.request;
  }

  /** Aborted when the client cancels or leaves, and when the call times out. */
  get signal(): AbortSignal {
    return (
      this.endSignal ?? running.get()?.endSignal ?? this.own.cancellation.signal
    );
  }

  get era(): ProtocolEra {
    return this.own.channel.era;
  }

  /** Such as `2026-07-28`; undefined where a client without a session does not say. */
  get protocolVersion(): string | undefined {
    return this.own.channel.protocolVersion;
  }

  /** Undefined without a session, as always in the 2026 era. */
  get sessionId(): string | undefined {
    return this.own.channel.sessionId;
  }

  /** Of the JSON-RPC request. */
  get requestId(): RequestId {
    return this.own.channel.requestId;
  }

  /** What the client says of itself. */
  get client(): McpClientInfo {
    return this.own.channel.client;
  }

  /** The caller's verified token; null where the caller is anonymous. */
  get token(): AccessToken | null {
    return getAccessToken();
  }

  /** Whom the token speaks for; undefined where the caller is anonymous. */
  get userId(): string | undefined {
    return getAccessToken()?.userId;
  }

  /** The caller's headers except the sensitive ones. */
  get headers(): Record<string, string> {
    return getHttpHeaders();
  }

  /** Log messages for the client. */
  get log(): McpLog {
    const { channel } = this.own;
    return new McpLog((...entry) => channel.log(...entry));
  }

  /** Tells other clients, too, what has changed. */
  get notify(): McpNotify {
    const { channel } = this.own;
    return new McpNotify((event) => channel.publish(event));
  }

  /**
   * Tells the client how far the call is; nothing where it did not ask.
   *
   * @param progress must grow from report to report
   * @param total in the unit of `progress`, if known
   * @returns resolves when the client has room for more, and never rejects; of
   * reports that have no room, the latest is sent
   */
  async reportProgress(
    progress: number,
    total?: number,
    message?: string,
  ): Promise<void> {
    if (!this.signal.aborted) {
      await this.own.reportProgress?.(progress, total, message);
    }
  }

  /**
   * Has the person in front of the client fill in a form. Written once, it
   * works in both eras; in the 2026 one **the method runs again from its start
   * when the answer is there**, so do nothing before it that must not happen
   * twice, or wrap it in {@link once}. Never ask for secrets: see
   * {@link elicitUrl}.
   *
   * @param schema of an object with plain fields: a DTO class, a Standard
   * Schema, or JSON Schema. An answer that does not fit is asked for again.
   * @throws McpError where the client cannot ask anybody; InputRequiredError
   * where the method is to run again, which is to be let through
   */
  elicit<S extends StandardSchema>(
    message: string,
    schema: S,
    options?: QuestionOptions,
  ): Promise<Elicitation<InferSchema<S>>>;
  elicit<T extends object>(
    message: string,
    schema: Type<T>,
    options?: QuestionOptions,
  ): Promise<Elicitation<T>>;
  elicit(
    message: string,
    schema: JsonSchema,
    options?: QuestionOptions,
  ): Promise<Elicitation<Record<string, unknown>>>;
  elicit<T>(
    message: string,
    schema: Type<unknown> | StandardSchema | JsonSchema,
    options: QuestionOptions = {},
  ): Promise<Elicitation<T>> {
    return this.own.channel.elicit(this.nameOf(options), message, schema);
  }

  /**
   * Sends the person to a page of yours, for what must not pass through the
   * client: credentials, payments. `accept` says that they agreed to go there;
   * make sure on the page that it is they.
   *
   * @throws McpError, InputRequiredError as {@link elicit}
   */
  elicitUrl(
    message: string,
    url: string,
    options: QuestionOptions = {},
  ): Promise<Elicitation<undefined>> {
    return this.own.channel.elicitUrl(this.nameOf(options), message, url);
  }

  /**
   * Has the client's model answer (MCP, Sampling; deprecated by 2026-07-28).
   *
   * @throws McpError, InputRequiredError as {@link elicit}
   */
  sample(
    params: CreateMessageRequestParams,
    options: QuestionOptions = {},
  ): Promise<SamplingResult> {
    return this.own.channel.sample(this.nameOf(options), params);
  }

  /**
   * The folders that the client works in (MCP, Roots; deprecated by 2026-07-28).
   *
   * @throws McpError, InputRequiredError as {@link elicit}
   */
  listRoots(options: QuestionOptions = {}): Promise<readonly Root[]> {
    return this.own.channel.listRoots(this.nameOf(options));
  }

  /**
   * Does something once, although questions have the method run again: the
   * result travels with the client, encrypted, from run to run.
   *
   * @param key unique in the call
   * @param make gives a JSON value
   */
  once<T>(key: string, make: () => T | Promise<T>): Promise<T> {
    return this.own.channel.once(key, make);
  }

  /**
   * Ends the stream of this call before its answer, for calls that take long:
   * the client comes back for it. Nothing where the client cannot.
   */
  closeStream(): void {
    this.own.channel.closeStream();
  }

  private nameOf(options: QuestionOptions): string {
    checkOptions('options of a question: …', options, QUESTION_KEYS);
    const { key } = options;
    const context = this.call ? this : (running.get() ?? this);
    return key ?? `question_${(context.asked += 1)}`;
  }

  /** Runs what serves a call, so that the context can be injected there. */
  static run<T>(context: CallContext, serve: () => T): T {
    return running.run(context, serve);
  }

  /** The context of the call being served, if any. */
  static current(): CallContext | undefined {
    return running.get();
  }
}
