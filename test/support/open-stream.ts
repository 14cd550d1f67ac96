import { rpcBody, rpcHeaders, type RpcOptions } from './json-rpc.js';

/** A response that is read while it is still open. */
export interface OpenStream {
  readonly response: Response;
  /** Everything received so far. */
  received(): string;
  /** Settles when the server ends the stream. */
  readonly ended: Promise<void>;
  close(): void;
}

/** Posts a modern request and keeps its response open. */
export async function openStream(
  endpoint: string,
  method: string,
  params: Readonly<Record<string, unknown>>,
  options: RpcOptions = {},
): Promise<OpenStream> {
  const controller = new AbortController();
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...rpcHeaders('modern', method, params), ...options.headers },
    body: JSON.stringify(rpcBody('modern', method, params, options)),
    signal: controller.signal,
  });
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
    }
  };
  return {
    response,
    received: () => text,
    ended: read().catch(() => undefined),
    close: () => controller.abort(),
  };
}
