import {
  Client,
  type FetchLike,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { MODERN_VERSION, type Era } from './json-rpc.js';

/** A connected client of the SDK, pinned to one era. */
export async function connectClient(
  endpoint: string,
  era: Era,
  headers: Readonly<Record<string, string>> = {},
  fetch?: FetchLike,
): Promise<Client> {
  const client = new Client(
    { name: 'front-door', version: '1.0.0' },
    {
      versionNegotiation: {
        mode: era === 'modern' ? { pin: MODERN_VERSION } : 'legacy',
      },
    },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(endpoint), {
      requestInit: { headers },
      ...(fetch && { fetch }),
    }),
  );
  return client;
}
