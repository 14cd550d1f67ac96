import { Inject, Injectable } from '@nestjs/common';
import type { JSONRPCRequest } from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';
import { SERVER_SETTINGS, type ServerSettings } from '../../server-settings.js';
import type { RawExchange } from '../adapter-exchange.js';
import { DeferredResponse } from '../deferred-response.js';
import type { Exchange } from '../exchange.js';
import { LoggingFeature } from '../features/logging.feature.js';
import { ToolFeature } from '../features/tool.feature.js';
import { McpServerFactory } from '../mcp-server.factory.js';
import { requestNestsTooDeep } from '../message-depth.js';
import { ParamHeaders } from '../param-headers.js';
import { resolveSessions } from '../sessions/session-settings.js';
import { headersOf } from './direct-response.js';
import type { FastExchange } from './fast-exchange.interface.js';
import { type FastRequest, recognise } from './fast-request.js';
import { KeptLists } from './kept-lists.js';
import { plainCall } from './plain/plain-call.js';
import { PlainCalls } from './plain/plain-calls.js';
import { SharedServer } from './shared.server.js';

/**
 * Serves plain `tools/call` and `tools/list` on the SDK's server, as its
 * handler does, without what that makes of each request beside: web requests,
 * responses and streams. It says no before anything has run, or not at all.
 */
@Injectable()
export class FastPath {
  /** Requests served here since the start. */
  taken = 0;
  /** Calls that the SDK's server had no part in but to word the answer. */
  readonly plainCalls: PlainCalls;
  private readonly lists = new KeptLists();
  private readonly servesLegacy: boolean;
  private readonly servers: Partial<Record<ProtocolEra, SharedServer>> = {};
  private readonly connecting: Partial<
    Record<ProtocolEra, Promise<SharedServer>>
  > = {};

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly factory: McpServerFactory,
    private readonly tools: ToolFeature,
    private readonly logging: LoggingFeature,
    private readonly paramHeaders: ParamHeaders,
  ) {
    this.plainCalls = new PlainCalls(tools, factory);
    this.servesLegacy =
      settings.legacy && !resolveSessions(settings.sessions)?.required;
  }

  /** Serves the request; false for one that is the handler's. */
  serve(raw: RawExchange, exchange: Exchange): boolean | Promise<boolean> {
    const request = recognise(raw.request, raw.body);
    if (!request || !this.canServe(request)) {
      return false;
    }
    const { envelope, message } = request;
    const list = this.wholeList(message);
    const kept = list && this.lists.get(list, envelope.era, message.id);
    if (!kept && requestNestsTooDeep(raw.request, message)) {
      // The handler says so.
      return false;
    }
    const writer = new DeferredResponse(raw, exchange);
    if (kept) {
      sendKept(writer, envelope.era, kept);
      this.taken += 1;
      return true;
    }
    exchange.writer = writer;
    exchange.requestId = message.id;
    const fast = { request, raw, exchange, writer };
    const call = plainCall(request);
    const server = this.servers[envelope.era];
    if (call && server) {
      this.taken += 1;
      return this.plainCalls.make(call, server, fast);
    }
    return this.serveBySdk(list, fast);
  }

  private async serveBySdk(
    list: object | undefined,
    { request: { envelope, message }, raw, writer }: FastExchange,
  ): Promise<boolean> {
    const { era } = envelope;
    const server = await (this.connecting[era] ??= this.connect(era));
    const open = server.open(message.id, writer);
    const { response } = open;
    const answered = response.answered();
    response.whileDispatching(() => server.dispatch(open, message));
    if (response.isDeclined) {
      return false;
    }
    raw.response.once('close', () => server.cancel(open));
    this.taken += 1;
    const answer = await answered;
    if (answer && 'result' in answer) {
      envelope.isProven = true;
      if (list) {
        this.lists.keep(list, era, answer);
      }
    }
    return true;
  }

  private canServe({ envelope: { era }, message }: FastRequest): boolean {
    return era === 'legacy'
      ? this.servesLegacy
      : !this.hasParamHeaders(message);
  }

  private async connect(era: ProtocolEra): Promise<SharedServer> {
    const server = this.factory.createShared(era, [this.tools, this.logging]);
    return (this.servers[era] = await SharedServer.connect(era, server));
  }

  /** Only the SDK's handler compares them with the arguments. */
  private hasParamHeaders({ method }: JSONRPCRequest): boolean {
    return method === 'tools/call' && this.paramHeaders.areDeclared;
  }

  /** The list that is asked for, where it is sent whole and is the same for all with these scopes. */
  private wholeList({ method, params }: JSONRPCRequest): object | undefined {
    const list = method === 'tools/list' ? this.tools.stableList() : undefined;
    return list &&
      list.length <= this.settings.pageSize &&
      Object.keys(params ?? {}).every((name) => name === '_meta')
      ? list
      : undefined;
  }
}

function sendKept(
  writer: DeferredResponse,
  era: ProtocolEra,
  parts: readonly Buffer[],
): void {
  const bytes = parts.reduce((sum, { length }) => sum + length, 0);
  writer.writeHead(200, headersOf(era === 'legacy', bytes));
  for (const part of parts) {
    writer.write(part);
  }
  writer.end();
}
