import type { CallToolRequest } from '@modelcontextprotocol/server';
import type { ToolFeature } from '../../features/tool.feature.js';
import type { McpServerFactory } from '../../mcp-server.factory.js';
import type { FastExchange } from '../fast-exchange.interface.js';
import type { SharedServer } from '../shared.server.js';
import { PlainContext } from './plain.context.js';
import { PlainResults } from './plain-results.js';

/**
 * Makes calls ahead of the SDK's server, which would only hand them on, and
 * leaves to it what is not a plain result: questions, errors, images.
 */
export class PlainCalls {
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
    { request: { envelope, message }, raw, exchange, writer }: FastExchange,
  ): Promise<true> {
    this.taken += 1;
    const { server } = shared;
    const open = shared.open(message.id, writer);
    const { response } = open;
    const context = new PlainContext(envelope.era, open.id, call._meta, server);
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
