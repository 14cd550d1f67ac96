import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  type CallToolRequest,
  type CallToolResult,
  createMcpHandler,
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
import { fetchable, type RequestContext } from '../request/endpoint-request.js';
import type { McpServerFactory } from '../sdk-server/mcp-server.factory.js';
import { DirectResponse } from './direct-response.js';
import type { FastRequest } from './fast-request.js';

/** All that belongs to one request on the fast path. */
interface DirectRequest {
  readonly request: FastRequest;
  readonly raw: HttpPair;
  readonly writer: DeferredResponse;
}

/** Writes results that the SDK's server would let pass as they are; what is anything else is its own to write. */
class PlainResults {
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

/** What a plain call has for the SDK's context of a request. */
class DirectContext implements RequestContext {
  readonly cancellation = new Cancellation();
  readonly mcpReq: PlainRequest;

  constructor(
    era: ProtocolEra,
    id: RequestId,
    meta: RequestMeta | undefined,
    response: DirectResponse,
  ) {
    this.mcpReq = new PlainRequest(era, id, meta, response, this.cancellation);
  }
}

type SdkRequest = RequestContext['mcpReq'];

class PlainRequest implements SdkRequest {
  readonly method = 'tools/call';

  constructor(
    private readonly era: ProtocolEra,
    readonly id: RequestId,
    readonly _meta: RequestMeta | undefined,
    private readonly response: DirectResponse,
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

  async notify(notification: Notification): Promise<void> {
    this.response.notify(notification);
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
 * Makes calls without the SDK's handler, which would only hand them on, and has
 * it word what is not a plain result: questions, errors, images.
 */
export class DirectCalls {
  private readonly results: PlainResults;
  private servers: Record<ProtocolEra, Server> | undefined;

  constructor(
    private readonly tools: ToolFeature,
    private readonly factory: McpServerFactory,
  ) {
    this.results = new PlainResults(factory.identity);
  }

  /** To be awaited before the first call. */
  async prepare(): Promise<void> {
    this.servers = {
      modern: await this.factory.createDetached('modern'),
      legacy: await this.factory.createDetached('legacy'),
    };
  }

  /** Resolves when the answer was written, or the client has left; undefined before calls can be made. */
  make(
    call: CallToolRequest['params'],
    direct: DirectRequest,
  ): Promise<void> | undefined {
    const server = this.servers?.[direct.request.envelope.era];
    return server && this.answer(call, server, direct);
  }

  private async answer(
    call: CallToolRequest['params'],
    server: Server,
    { request: { envelope, message }, raw, writer }: DirectRequest,
  ): Promise<void> {
    const { era } = envelope;
    const response = new DirectResponse(writer, message.id, era === 'legacy');
    const context = new DirectContext(era, message.id, call._meta, response);
    raw.response.once('close', () => {
      if (!response.isDone) {
        response.isDone = true;
        context.cancellation.cancel();
      }
    });
    const made = this.tools.call(call, server, context);
    let result: string | undefined;
    try {
      result = this.results.write(await made, era);
    } catch {
      // To be told in the words of the SDK.
    }
    if (result !== undefined) {
      response.answer(result);
    } else if (!response.isDone) {
      response.isDone = true;
      await this.wordBySdk(made, raw, writer);
    }
  }

  /** Has the SDK's handler answer the request with what the call came to. */
  private async wordBySdk(
    made: ReturnType<ToolFeature['call']>,
    raw: HttpPair,
    writer: DeferredResponse,
  ): Promise<void> {
    writer.joinStream();
    const handler = createMcpHandler(
      ({ era }) => {
        const server = this.factory.create(era);
        server.setRequestHandler('tools/call', () => made);
        return server;
      },
      // Streams of all kinds are kept open in one place.
      { keepAliveMs: 0 },
    );
    await toNodeHandler(handler)(fetchable(raw.request), writer, raw.body);
  }
}
