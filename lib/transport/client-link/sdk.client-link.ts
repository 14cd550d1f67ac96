import {
  type CreateMessageRequestParams,
  inputRequired,
  inputResponse,
  type LoggingLevel,
  type RequestId,
  type Root,
  type Server,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import type {
  ClientLink,
  Elicitation,
  McpClientInfo,
  ProtocolEra,
  SamplingResult,
} from '../../invocation/call/client-link.js';
import type { SchemaInput } from '../../schema/sources/schema-reader.js';
import {
  currentRequest,
  type RequestContext,
} from '../request/endpoint-request.js';
import { formQuestion, type Question, urlQuestion } from './elicitation.js';
import { Pace } from './progress-reporter.js';

/** Asks the client's model. */
function samplingQuestion(
  key: string,
  params: CreateMessageRequestParams,
): Question<SamplingResult> {
  return {
    key,
    request: inputRequired.createMessage(params),
    read: (response) => {
      const view = inputResponse({ response }, 'response');
      return view.kind === 'sampling' ? view.result : undefined;
    },
  };
}

/** Asks the client which folders it works in. */
function rootsQuestion(key: string): Question<readonly Root[]> {
  return {
    key,
    request: inputRequired.listRoots(),
    read: (response) => {
      const view = inputResponse({ response }, 'response');
      return view.kind === 'roots' ? view.roots : undefined;
    },
  };
}

/** What both eras have in common: one request on an SDK server. */
export abstract class SdkClientLink implements ClientLink {
  abstract readonly era: ProtocolEra;
  abstract readonly waiting: number;
  private readonly exchange = currentRequest();
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
    return this.context.mcpReq.id;
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
    schema: SchemaInput,
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
