import type { Server } from '@modelcontextprotocol/server';

/** What goes along with a connection. */
export interface Companion {
  /** Called with each message of the client, before it is served. */
  onMessage(): void;
  /** Called when the connection is over, for whatever reason. */
  onClose(): void;
}

/**
 * Has something last as long as the connection of a server, whatever its
 * `onclose` and `oninitialized` are set to; nothing begins for a server that is
 * never connected.
 */
export function whileConnected(server: Server, begin: () => Companion): void {
  const connect = server.connect.bind(server);
  server.connect = async (transport) => {
    await connect(transport);
    const companion = begin();
    const { onmessage, onclose } = transport;
    transport.onmessage = (message, extra) => {
      companion.onMessage();
      onmessage?.(message, extra);
    };
    transport.onclose = () => {
      companion.onClose();
      onclose?.();
    };
  };
}
