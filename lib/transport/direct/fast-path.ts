import type {
  JSONRPCRequest,
  JSONRPCResultResponse,
  RequestId,
} from '@modelcontextprotocol/server';
import { Inject, Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import type { HttpPair } from '../../platform/http-pair.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import { LoggingFeature } from '../features/server-features.js';
import { ToolFeature } from '../features/tool.feature.js';
import { requestNestsTooDeep } from '../http/request-refusals.js';
import { DeferredResponse } from '../request/deferred-response.js';
import type { EndpointRequest } from '../request/endpoint-request.js';
import { McpServerFactory } from '../sdk-server/mcp-server.factory.js';
import { ParamHeaders } from '../sdk-server/param-headers.js';
import { resolveSessions } from '../sessions/session-settings.js';
import { eventOf } from '../streams/event-stream.js';
import { type DirectRequest, plainCall, DirectCalls } from './direct-call.js';
import { headersOf, SharedServer } from './direct-response.js';
import { type FastRequest, recognise } from './fast-request.js';

/** Bytes of all answers that are kept, beyond which they are made anew. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A body as it was sent, but for the id in its middle. */
interface KeptAnswer {
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * Answers to `tools/list` as they were sent, by the list that they hold. A list
 * is made anew when it changes, and with it its answer.
 */
export class KeptLists {
  private answers = new WeakMap<object, Map<ProtocolEra, KeptAnswer>>();
  private bytes = 0;

  /**
   * The body of an answer, in parts, as lists are long and are not copied for it.
   *
   * @returns undefined where the list has not been sent yet
   */
  get(
    list: object,
    era: ProtocolEra,
    id: RequestId,
  ): readonly Buffer[] | undefined {
    const kept = this.answers.get(list)?.get(era);
    return kept && [kept.before, Buffer.from(JSON.stringify(id)), kept.after];
  }

  keep(list: object, era: ProtocolEra, answer: JSONRPCResultResponse): void {
    const hole = randomUUID();
    const json = JSON.stringify({ ...answer, id: hole });
    const body = era === 'legacy' ? eventOf(json) : json;
    const [before = '', after = ''] = body.split(`"${hole}"`);
    const kept = { before: Buffer.from(before), after: Buffer.from(after) };
    this.bytes += kept.before.length + kept.after.length;
    if (this.bytes > MAX_BYTES) {
      this.answers = new WeakMap();
      this.bytes = kept.before.length + kept.after.length;
    }
    const byEra = this.answers.get(list) ?? new Map<ProtocolEra, KeptAnswer>();
    this.answers.set(list, byEra.set(era, kept));
  }
}

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
  readonly plainCalls: DirectCalls;
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
    this.plainCalls = new DirectCalls(tools, factory);
    this.servesLegacy =
      settings.legacy && !resolveSessions(settings.sessions)?.required;
  }

  /** Serves the request; false for one that is the handler's. */
  serve(raw: HttpPair, exchange: EndpointRequest): boolean | Promise<boolean> {
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
    { request: { envelope, message }, raw, writer }: DirectRequest,
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
      envelope.acceptedBySdk = true;
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
