import { Inject, Injectable } from '@nestjs/common';
import type { Server } from '@modelcontextprotocol/server';
import { callerIdentity } from '../../auth/context/caller-identity.js';
import { getAccessToken } from '../../auth/context/request-context.js';
import { SERVER_SETTINGS, type ServerSettings } from '../../server-settings.js';
import { EndpointAddress } from '../endpoint.address.js';
import { ServerEvents } from '../events/server-events.js';
import { LegacyChannel } from './legacy.channel.js';
import { ModernChannel } from './modern.channel.js';
import { RequestState } from './request-state.js';
import type { RequestContext } from '../call-request.interface.js';

/** Opens the way back to the client of a request. */
@Injectable()
export class ChannelFactory {
  private readonly states: RequestState;

  constructor(
    @Inject(SERVER_SETTINGS) { stateSecrets }: ServerSettings,
    private readonly events: ServerEvents,
    private readonly address: EndpointAddress,
  ) {
    this.states = new RequestState(stateSecrets);
  }

  /**
   * @param params of the request, to which the state of a modern call is bound
   * @throws ProtocolError -32602 for a state that was not made for this request
   */
  open(
    server: Server,
    context: RequestContext,
    params: unknown,
  ): LegacyChannel | ModernChannel | Promise<ModernChannel> {
    if (context.mcpReq.envelope === undefined) {
      return new LegacyChannel(server, context, this.events);
    }
    return ModernChannel.of(server, context, this.events, this.states, {
      server: this.address.path,
      caller: callerIdentity(getAccessToken()),
      method: context.mcpReq.method,
      params,
    });
  }
}
