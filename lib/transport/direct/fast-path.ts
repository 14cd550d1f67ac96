import type {
  JSONRPCMessage,
  JSONRPCRequest,
  JSONRPCResultResponse,
  RequestId,
} from '@modelcontextprotocol/server';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { ProtocolEra } from '../../invocation/call/client-link.js';
import {
  SERVER_SETTINGS,
  type ServerSettings,
} from '../../server/server-settings.js';
import { ToolFeature } from '../features/tool.feature.js';
import {
  type HttpPair,
  requestNestsTooDeep,
} from '../../platform/http-pair.js';
import { DeferredResponse } from '../request/deferred-response.js';
import type { EndpointRequest } from '../request/endpoint-request.js';
import { McpServerFactory } from '../sdk-server/mcp-server.factory.js';
import { ParamHeaders } from '../sdk-server/param-headers.js';
import { resolveSessions } from '../sessions/session-settings.js';
import { eventOf, READY } from '../streams/event-stream.js';
import { DirectCalls, plainCall } from './direct-call.js';
import { headersOf } from './direct-response.js';
import { type FastRequest, recognise } from './fast-request.js';

/** Bytes of all answers that are kept, beyond which they are made anew. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A body as it was sent, except the id in its middle. */
interface KeptAnswer {
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * Answers to `tools/list` as they were sent, by the list that they hold. A list
 * is made anew when it changes, and with it its answer.
 */
class KeptLists {
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
 * The one road beside the SDK's handler: plain `tools/call` and `tools/list`,
 * without what the handler makes of each request: a server, web requests,
 * responses and streams. It says no before anything has run, or not at all.
 *
 * It takes only what the handler has taken before: a call where a request with
 * the same metadata was answered with a result, a list that it has sent.
 */
@Injectable()
export class FastPath implements OnModuleInit {
  private readonly calls: DirectCalls;
  private readonly lists = new KeptLists();
  private readonly servesLegacy: boolean;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    factory: McpServerFactory,
    private readonly tools: ToolFeature,
    private readonly paramHeaders: ParamHeaders,
  ) {
    this.calls = new DirectCalls(tools, factory);
    this.servesLegacy =
      settings.legacy !== false && !resolveSessions(settings.legacy)?.required;
  }

  async onModuleInit(): Promise<void> {
    await this.calls.prepare();
  }

  /** Serves the request; undefined for one that is the handler's. */
  serve(raw: HttpPair, exchange: EndpointRequest): Promise<void> | undefined {
    const request = recognise(raw.request, raw.body);
    if (!request || !this.canServe(request)) {
      return undefined;
    }
    const { envelope, message } = request;
    const list = this.wholeList(message);
    const kept = list && this.lists.get(list, envelope.era, message.id);
    if (kept) {
      sendKept(new DeferredResponse(raw, exchange), envelope.era, kept);
      return READY;
    }
    const call = plainCall(request);
    if (call && !requestNestsTooDeep(raw.request, message)) {
      const writer = new DeferredResponse(raw, exchange);
      const made = this.calls.make(call, { request, raw, writer });
      if (made) {
        exchange.writer = writer;
        return made;
      }
    }
    if (list || !envelope.acceptedBySdk) {
      exchange.onAnswer = (answer) => this.learn(request, list, answer);
    }
    return undefined;
  }

  /** Takes from the handler's answer what need not be asked again. */
  private learn(
    { envelope, message }: FastRequest,
    list: object | undefined,
    answer: JSONRPCMessage,
  ): void {
    if (!('result' in answer) || answer.id !== message.id) {
      return;
    }
    envelope.acceptedBySdk = true;
    // It may have changed while it was sent.
    if (list && list === this.tools.stableList()) {
      this.lists.keep(list, envelope.era, answer);
    }
  }

  private canServe({ envelope: { era }, message }: FastRequest): boolean {
    return era === 'legacy'
      ? this.servesLegacy
      : !this.hasParamHeaders(message);
  }

  /** Only the SDK's handler compares them with the arguments. */
  private hasParamHeaders({ method }: JSONRPCRequest): boolean {
    return method === 'tools/call' && this.paramHeaders.areDeclared;
  }

  /** The list that is asked for, where it is sent whole and is the same for all with these scopes. */
  private wholeList({ method, params }: JSONRPCRequest): object | undefined {
    const list = method === 'tools/list' ? this.tools.stableList() : undefined;
    return list &&
      list.length <= this.settings.limits.pageSize &&
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
