import type {
  CreateMessageRequestParams,
  LoggingLevel,
  RequestId,
  Root,
  Server,
  ServerEvent,
} from '@modelcontextprotocol/server';
import type {
  ClientChannel,
  McpClientInfo,
  ProtocolEra,
} from '../../invocation/call/client-channel.interface.js';
import type {
  Elicitation,
  SamplingResult,
} from '../../invocation/call/answers.interface.js';
import type { SchemaSource } from '../../schema/sources/schema-source.interface.js';
import {
  rootsQuestion,
  samplingQuestion,
} from '../questions/client-questions.js';
import { currentExchange } from '../exchange.js';
import { formQuestion, urlQuestion } from '../questions/elicitation.js';
import { Pace } from '../streams/pace.js';
import type { Question } from '../questions/question.interface.js';
import type { RequestContext } from '../call-request.interface.js';

/** What both eras have in common: one request on an SDK server. */
export abstract class SdkChannel implements ClientChannel {
  abstract readonly era: ProtocolEra;
  abstract readonly waiting: number;
  private readonly exchange = currentExchange();
  private pace: Pace | undefined;

  constructor(
    protected readonly server: Server,
    protected readonly context: RequestContext,
    private readonly events: { publish(event: ServerEvent): void },
  ) {}

  get protocolVersion(): string | undefined {
    return this.server.getNegotiatedProtocolVersion();
  }

  get sessionId(): string | undefined {
    return this.context.sessionId;
  }

  get requestId(): RequestId {
    return this.exchange?.requestId ?? this.context.mcpReq.id;
  }

  get client(): McpClientInfo {
    return {
      info: this.server.getClientVersion(),
      capabilities: this.server.getClientCapabilities() ?? {},
    };
  }

  log(
    level: LoggingLevel,
    data: unknown,
    logger: string | undefined,
  ): Promise<void> {
    this.pace ??= new Pace(this.exchange);
    return this.pace.log(sizeOf(data), () =>
      this.context.mcpReq.log(level, data, logger),
    );
  }

  publish(event: ServerEvent): void {
    this.events.publish(event);
  }

  closeStream(): void {
    this.context.http?.closeSSE?.();
  }

  elicit<T>(
    key: string,
    message: string,
    schema: SchemaSource,
  ): Promise<Elicitation<T>> {
    return this.ask(formQuestion<T>(key, message, schema));
  }

  elicitUrl(
    key: string,
    message: string,
    url: string,
  ): Promise<Elicitation<undefined>> {
    return this.ask(urlQuestion(key, message, url));
  }

  sample(
    key: string,
    params: CreateMessageRequestParams,
  ): Promise<SamplingResult> {
    return this.ask(samplingQuestion(key, params));
  }

  listRoots(key: string): Promise<readonly Root[]> {
    return this.ask(rootsQuestion(key));
  }

  protected abstract ask<T>(
    question: Question<T> | Promise<Question<T>>,
  ): Promise<T>;

  abstract once<T>(key: string, make: () => T | Promise<T>): Promise<T>;
}

/** Characters of a value in JSON; 0 for what has none. */
function sizeOf(data: unknown): number {
  try {
    return JSON.stringify(data)?.length ?? 0;
  } catch {
    return 0;
  }
}
