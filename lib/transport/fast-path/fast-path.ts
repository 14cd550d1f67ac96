import { Inject, Injectable } from '@nestjs/common';
import type {
  CallToolRequest,
  JSONRPCRequest,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';
import { SERVER_SETTINGS, type ServerSettings } from '../../server-settings.js';
import type { RawExchange } from '../adapter-exchange.js';
import { DeferredResponse } from '../deferred-response.js';
import type { Exchange } from '../exchange.js';
import { LoggingFeature } from '../features/logging.feature.js';
import { ToolFeature } from '../features/tool.feature.js';
import { McpServerFactory } from '../mcp-server.factory.js';
import { ParamHeaders } from '../param-headers.js';
import { resolveSessions } from '../sessions/session-settings.js';
import { EVENT_STREAM } from './direct-response.js';
import { type FastRequest, recognise } from './fast-request.js';
import { KeptLists } from './kept-lists.js';
import { plainCall } from './plain-call.js';
import { PlainResults } from './plain-result.js';
import { PlainContext } from './plain.context.js';
import { type OpenRequest, SharedServer } from './shared.server.js';

/** All that belongs to one request. */
interface FastExchange {
  readonly open: OpenRequest;
  readonly request: FastRequest;
  readonly raw: RawExchange;
  readonly exchange: Exchange;
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
  /** Those of them that the SDK's server had no part in, unless its words were needed. */
  calledPlainly = 0;
  private readonly lists = new KeptLists();
  private readonly results: PlainResults;
  private readonly servesLegacy: boolean;
  private readonly servers: Partial<
    Record<ProtocolEra, SharedServer | Promise<SharedServer>>
  > = {};

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly factory: McpServerFactory,
    private readonly tools: ToolFeature,
    private readonly logging: LoggingFeature,
    private readonly paramHeaders: ParamHeaders,
  ) {
    this.results = new PlainResults(factory.identity);
    this.servesLegacy =
      settings.legacy && !resolveSessions(settings.sessions)?.required;
  }

  /** Serves the request, or returns false for one that is the handler's. */
  async serve(raw: RawExchange, exchange: Exchange): Promise<boolean> {
    const request = recognise(raw.request, raw.body);
    if (!request || !this.canServe(request)) {
      return false;
    }
    const { envelope, message } = request;
    const { era } = envelope;
    const list = this.wholeList(message);
    const kept = list && this.lists.get(list, era, message.id);
    const writer = new DeferredResponse(raw.response, raw.headers, exchange);
    if (kept) {
      sendKept(writer, era, kept);
      this.taken += 1;
      return true;
    }
    exchange.requestId = message.id;
    const connected = (this.servers[era] ??= this.connect(era));
    const server = connected instanceof Promise ? await connected : connected;
    const open = server.open(message.id, writer);
    const call = plainCall(request);
    if (call) {
      this.taken += 1;
      this.calledPlainly += 1;
      await this.callPlainly(call, server, { open, request, raw, exchange });
      return true;
    }
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

  /** Calls the tool ahead of the SDK's server, which is asked where the answer is not a plain result. */
  private async callPlainly(
    call: CallToolRequest['params'],
    shared: SharedServer,
    { open, request: { envelope, message }, raw, exchange }: FastExchange,
  ): Promise<void> {
    const { server } = shared;
    const { response } = open;
    const context = new PlainContext(envelope.era, open.id, call._meta, server);
    raw.response.once('close', () => {
      if (!response.isDone) {
        context.cancellation.cancel();
        shared.cancel(open);
      }
    });
    exchange.made = this.tools.call(call, server, context);
    const result = await exchange.made.then(
      (made) => this.results.write(made, envelope.era),
      // In the words of the SDK.
      () => undefined,
    );
    if (result !== undefined) {
      response.writeResult(result);
    } else if (!response.isDone) {
      const answered = response.answered();
      shared.dispatch(open, message);
      await answered;
    }
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
  response: DeferredResponse,
  era: ProtocolEra,
  answer: Buffer,
): void {
  if (era === 'modern') {
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': String(answer.length),
    });
    response.end(answer);
  } else {
    response.writeHead(200, EVENT_STREAM);
    response.write('event: message\ndata: ');
    response.write(answer);
    response.end('\n\n');
  }
}
