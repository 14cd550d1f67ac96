import { Injectable } from '@nestjs/common';
import type { Server } from '@modelcontextprotocol/server';
import { callerIdentity } from '../../auth/context/request-context.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import { McpServerInstance } from '../../server/mcp-server-instance.js';
import { ServerEvents } from '../list-changes/server-events.js';
import { LegacyClientLink } from './legacy.client-link.js';
import { ModernClientLink } from './modern.client-link.js';
import { RequestState } from './modern.client-link.js';
import type { RequestContext } from '../request/endpoint-request.js';

/** Opens the way back to the client of a request. */
@Injectable()
export class ClientLinkFactory {
  private readonly states: RequestState;

  constructor(
    private readonly events: ServerEvents,
    private readonly server: McpServerInstance,
  ) {
    this.states = new RequestState(server.settings.secrets);
  }

  /**
   * @param params of the request, to which the state of a modern call is bound
   * @throws ProtocolError -32602 for a state that was not made for this request
   */
  open(
    server: Server,
    context: RequestContext,
    params: unknown,
  ): LegacyClientLink | ModernClientLink | Promise<ModernClientLink> {
    if (context.mcpReq.envelope === undefined) {
      return new LegacyClientLink(server, context, this.events);
    }
    return ModernClientLink.of(server, context, this.events, this.states, {
      server: this.server.path,
      caller: callerIdentity(getAccessToken()),
      method: context.mcpReq.method,
      params,
    });
  }
}
