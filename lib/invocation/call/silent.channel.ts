import { McpError } from './mcp.error.js';
import type { ClientChannel } from './client-channel.interface.js';

/** A channel to nobody: for calls that the application itself makes, and for those without a client. */
export function silentChannel(
  publish: ClientChannel['publish'] = () => undefined,
): ClientChannel {
  return {
    era: 'modern',
    protocolVersion: undefined,
    sessionId: undefined,
    requestId: 0,
    client: { info: undefined, capabilities: {} },
    waiting: 0,
    log: () => Promise.resolve(),
    elicit: refuse,
    elicitUrl: refuse,
    sample: refuse,
    listRoots: refuse,
    once: (_key, make) => Promise.resolve(make()),
    publish,
    closeStream: () => undefined,
  };
}

function refuse(): Promise<never> {
  return Promise.reject(
    new McpError('This asks its client, and the application has none.'),
  );
}
