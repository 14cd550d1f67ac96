import { type IncomingMessage, request } from 'node:http';
import { createGunzip } from 'node:zlib';
import { type Era, rpcBody, rpcHeaders, type RpcOptions } from './json-rpc.js';

/** A request whose response is read while it is still open. */
export interface OpenStream {
  /** Everything received so far, decompressed. */
  received(): string;
  /** Settles when the response ends or the connection breaks. */
  readonly ended: Promise<void>;
  /** Goes away, as a client that crashes does. */
  abandon(): void;
}

/**
 * Posts a request on a connection of its own and does not wait for the answer.
 * (An aborted `fetch` opens a spare connection, for which `server.close()`
 * would wait.)
 */
export function openStream(
  endpoint: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
  options: RpcOptions & { readonly era?: Era } = {},
): OpenStream {
  const era = options.era ?? 'modern';
  let text = '';
  const outgoing = request(endpoint, {
    method: 'POST',
    headers: { ...rpcHeaders(era, method, params), ...options.headers },
    agent: false,
  });
  const ended = new Promise<void>((resolve) => {
    outgoing.on('error', () => resolve());
    outgoing.on('close', () => resolve());
    outgoing.on('response', (response: IncomingMessage) => {
      const zipped = response.headers['content-encoding'] === 'gzip';
      const body = zipped ? response.pipe(createGunzip()) : response;
      body.setEncoding('utf8');
      body.on('data', (chunk: string) => (text += chunk));
      body.on('error', () => resolve());
    });
  });
  outgoing.end(JSON.stringify(rpcBody(era, method, params, options)));
  return {
    received: () => text,
    ended,
    abandon: () => void outgoing.destroy(),
  };
}
