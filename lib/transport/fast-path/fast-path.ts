import { Inject, Injectable } from '@nestjs/common';
import {
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type Server,
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
import {
  DirectLegacyTransport,
  DirectModernTransport,
} from './direct.transports.js';
import { DirectResponse, EVENT_STREAM } from './direct-response.js';
import { type FastRequest, recognise } from './fast-request.js';
import { KeptLists } from './kept-lists.js';

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
  private makers: Readonly<Record<ProtocolEra, () => Server>> | undefined;

  constructor(
    @Inject(SERVER_SETTINGS) private readonly settings: ServerSettings,
    private readonly servers: McpServerFactory,
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
    const { message, classification } = request;
    const era: ProtocolEra = classification ? 'modern' : 'legacy';
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
    return this.run(request, era, raw, response, (answer) => {
      if (list && isJSONRPCResultResponse(answer)) {
        this.lists.keep(list, era, answer);
      }
    });
  }

  private async run(
    { message, classification }: FastRequest,
    era: ProtocolEra,
    { response: raw }: RawExchange,
    response: DeferredResponse,
    keep: (answer: JSONRPCMessage) => void,
  ): Promise<boolean> {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    const direct = new DirectResponse(
      response,
      message.id,
      era === 'legacy',
      (answer) => {
        keep(answer);
        finish();
      },
    );
    const transport = classification
      ? new DirectModernTransport(classification, direct)
      : new DirectLegacyTransport(direct);
    await this.make(era).connect(transport);
    raw.once('close', () => {
      // A server that has answered holds nothing that would have to be let go.
      if (!direct.isDone) {
        void transport.close();
        finish();
      }
    });
    direct.whileDispatching(() =>
      transport.onmessage?.(message, classification && { classification }),
    );
    if (direct.isDeclined) {
      await transport.close();
      return false;
    }
    this.taken += 1;
    await finished;
    return true;
  }

  private make(era: ProtocolEra): Server {
    const features = [this.tools, this.logging];
    this.makers ??= {
      modern: this.servers.prepare('modern', features),
      legacy: this.servers.prepare('legacy', features),
    };
    return this.makers[era]();
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
