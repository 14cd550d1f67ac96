import { Inject, Injectable } from '@nestjs/common';
import type {
  JSONRPCMessage,
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
  private readonly lists = new KeptLists();
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
    this.servesLegacy =
      settings.legacy && !resolveSessions(settings.sessions)?.required;
  }

  /** Serves the request, or returns false for one that is the handler's. */
  async serve(raw: RawExchange, exchange: Exchange): Promise<boolean> {
    const request = recognise(raw.request, raw.body);
    if (!request) {
      return false;
    }
    const { era, message } = request;
    if (era === 'legacy' ? !this.servesLegacy : this.hasParamHeaders(message)) {
      return false;
    }
    const list = this.wholeList(message);
    const kept = list && this.lists.get(list, era, message.id);
    const response = new DeferredResponse(raw.response, raw.headers, exchange);
    if (kept) {
      sendKept(response, era, kept);
      this.taken += 1;
      return true;
    }
    exchange.requestId = message.id;
    const answer = await this.run(request, raw, response);
    if (answer && list && 'result' in answer) {
      this.lists.keep(list, era, answer);
    }
    return answer !== false;
  }

  /** The answer, undefined where the client has left, or false for what is the handler's. */
  private async run(
    { era, message }: FastRequest,
    { response: raw }: RawExchange,
    response: DeferredResponse,
  ): Promise<JSONRPCMessage | undefined | false> {
    const servers = (this.servers[era] ??= this.connect(era));
    const { isDeclined, answered, abandon } = (
      servers instanceof Promise ? await servers : servers
    ).serve(message, response);
    if (isDeclined) {
      return false;
    }
    raw.once('close', abandon);
    this.taken += 1;
    return answered;
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
