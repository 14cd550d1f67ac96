import {
  type CallToolRequest,
  type CallToolResult,
  type Implementation,
  type InputRequiredResult,
  LOG_LEVEL_META_KEY,
  type LoggingLevel,
  type Notification,
  type RequestId,
  type RequestMeta,
  type Server,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import { Cancellation } from '../../invocation/call/cancellation.js';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import type { HttpPair } from '../../platform/http-pair.js';
import type { ToolFeature } from '../features/tool.feature.js';
import type { DeferredResponse } from '../request/deferred-response.js';
import type {
  EndpointRequest,
  RequestContext,
} from '../request/endpoint-request.js';
import type { McpServerFactory } from '../sdk-server/mcp-server.factory.js';
import type { SharedServer } from './direct-response.js';
import type { FastRequest } from './fast-request.js';

/** All that belongs to one request on the fast path. */
export interface DirectRequest {
  readonly request: FastRequest;
  readonly raw: HttpPair;
  readonly exchange: EndpointRequest;
  readonly writer: DeferredResponse;
}

/** Writes results that the SDK's server would let pass as they are; what is anything else is its own to write. */
export class PlainResults {
  private readonly ending: Record<ProtocolEra, string>;

  constructor(identity: Implementation) {
    const stamps = JSON.stringify({
      resultType: 'complete',
      _meta: { [SERVER_INFO_META_KEY]: identity },
    });
    this.ending = { modern: `,${stamps.slice(1)}`, legacy: '}' };
  }

  /** The result in JSON; undefined for one that is not plain. */
  write(
    {
      content,
      structuredContent,
      isError,
      ...others
    }: Partial<CallToolResult> & Partial<InputRequiredResult>,
    era: ProtocolEra,
  ): string | undefined {
    return Array.isArray(content) &&
      content.every(isPlainText) &&
      isPlainObject(structuredContent) &&
      (isError === undefined || typeof isError === 'boolean') &&
      Object.keys(others).length === 0
      ? JSON.stringify({ content, structuredContent, isError }).slice(0, -1) +
          this.ending[era]
      : undefined;
  }
}

function isPlainText(block: CallToolResult['content'][number]): boolean {
  const [first, second, ...others] = Object.keys(block);
  return (
    first === 'type' &&
    second === 'text' &&
    others.length === 0 &&
    block.type === 'text' &&
    typeof block.text === 'string'
  );
}

function isPlainObject(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype)
  );
}

/** What a plain call has for the SDK's context of a request; what it tells the client goes by the SDK's server. */
export class DirectContext implements RequestContext {
  readonly cancellation = new Cancellation();
  readonly mcpReq: PlainRequest;

  constructor(
    era: ProtocolEra,
    id: RequestId,
    meta: RequestMeta | undefined,
    server: Server,
  ) {
    this.mcpReq = new PlainRequest(era, id, meta, server, this.cancellation);
  }
}

type SdkRequest = RequestContext['mcpReq'];

class PlainRequest implements SdkRequest {
  readonly method = 'tools/call';

  constructor(
    private readonly era: ProtocolEra,
    readonly id: RequestId,
    readonly _meta: RequestMeta | undefined,
    private readonly server: Server,
    private readonly cancellation: Cancellation,
  ) {}

  get envelope(): SdkRequest['envelope'] {
    return this.era === 'modern' ? this._meta : undefined;
  }

  get signal(): AbortSignal {
    return this.cancellation.signal;
  }

  requestState(): undefined {
    return undefined;
  }

  /** A legacy client without a session has set no level, a modern one would have set it in its request. */
  async log(
    level: LoggingLevel,
    data: unknown,
    logger?: string,
  ): Promise<void> {
    if (this.era === 'legacy') {
      await this.notify({
        method: 'notifications/message',
        params: { level, data, logger },
      });
    }
  }

  notify(notification: Notification): Promise<void> {
    return this.server.notification(notification, {
      relatedRequestId: this.id,
    });
  }
}

/**
 * What a request asks of a tool, where the SDK's server would only pass that on:
 * it has found nothing wrong with the like of it before, and there is nothing
 * in it that the server would have to act on.
 */
export function plainCall({
  envelope,
  message: { method, params },
}: FastRequest): CallToolRequest['params'] | undefined {
  if (method !== 'tools/call' || !envelope.acceptedBySdk) {
    return undefined;
  }
  const { name, arguments: args, _meta, ...others } = params ?? {};
  return typeof name === 'string' &&
    (args === undefined || isPlain(args)) &&
    Object.keys(others).length === 0 &&
    _meta?.[LOG_LEVEL_META_KEY] === undefined
    ? (params as CallToolRequest['params'])
    : undefined;
}

function isPlain(args: unknown): boolean {
  return (
    typeof args === 'object' &&
    args !== null &&
    !Array.isArray(args) &&
    // Validation makes something else of it than JSON does.
    !Object.hasOwn(args, '__proto__')
  );
}

/**
 * Makes calls ahead of the SDK's server, which would only hand them on, and
 * leaves to it what is not a plain result: questions, errors, images.
 */
export class DirectCalls {
  /** Calls made here since the start. */
  taken = 0;
  private readonly results: PlainResults;

  constructor(
    private readonly tools: ToolFeature,
    { identity }: McpServerFactory,
  ) {
    this.results = new PlainResults(identity);
  }

  /** Resolves when the answer was written, or the client has left. */
  async make(
    call: CallToolRequest['params'],
    shared: SharedServer,
    { request: { envelope, message }, raw, exchange, writer }: DirectRequest,
  ): Promise<true> {
    this.taken += 1;
    const { server } = shared;
    const open = shared.open(message.id, writer);
    const { response } = open;
    const context = new DirectContext(
      envelope.era,
      open.id,
      call._meta,
      server,
    );
    raw.response.once('close', () => {
      if (!response.isDone) {
        context.cancellation.cancel();
        shared.cancel(open);
      }
    });
    let result: string | undefined;
    exchange.made = this.tools.call(call, server, context);
    try {
      result = this.results.write(await exchange.made, envelope.era);
    } catch {
      // To be told in the words of the SDK.
    }
    if (result !== undefined) {
      response.writeResult(result);
    } else if (!response.isDone) {
      const answered = response.answered();
      shared.dispatch(open, message);
      await answered;
    }
    return true;
  }
}
