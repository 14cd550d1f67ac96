import {
  Client,
  StreamableHTTPClientTransport,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client';
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { type Era, MODERN_VERSION } from './json-rpc.js';
import type { OAuthStore } from './oauth-store.js';

/** A client of either SDK that logs in with what an {@link OAuthStore} holds. */
export interface OAuthClient {
  connect(): Promise<void>;
  /** Redeems the code that the login server sent to the callback. */
  finish(callback: URLSearchParams): Promise<void>;
  toolNames(): Promise<string[]>;
  /** The tool's text; throws where it fails. */
  call(name: string, args?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

type Create = (
  endpoint: string,
  store: OAuthStore,
  fetch: typeof globalThis.fetch,
) => OAuthClient;

interface OAuthClientKind {
  readonly sdk: 'v1' | 'v2';
  readonly era: Era;
  readonly create: Create;
}

/** For `describe.each`. */
export const OAUTH_CLIENTS: readonly (readonly [string, OAuthClientKind])[] = [
  [
    'the v2 client on 2026-07-28',
    { sdk: 'v2', era: 'modern', create: createV2({ pin: MODERN_VERSION }) },
  ],
  [
    'the v2 client in legacy mode',
    { sdk: 'v2', era: 'legacy', create: createV2('legacy') },
  ],
  ['the v1 client', { sdk: 'v1', era: 'legacy', create: createV1 }],
];

function createV2(mode: VersionNegotiationMode): Create {
  return (endpoint, store, fetch) => {
    const transport = (): StreamableHTTPClientTransport =>
      new StreamableHTTPClientTransport(new URL(endpoint), {
        authProvider: store,
        fetch,
      });
    const open = (): Client =>
      new Client(
        { name: 'login', version: '2.0.0' },
        { versionNegotiation: { mode } },
      );
    return reduce(open, transport, (given, callback) =>
      given.finishAuth(callback),
    );
  };
}

function createV1(
  endpoint: string,
  store: OAuthStore,
  fetch: typeof globalThis.fetch,
): OAuthClient {
  const transport = (): V1Transport =>
    new V1Transport(new URL(endpoint), {
      // Its types are narrower than those of its successor, which knows more.
      authProvider: store as never,
      fetch,
    });
  const open = (): V1Client =>
    new V1Client({ name: 'login', version: '1.0.0' });
  return reduce(open, transport, (given, callback) =>
    given.finishAuth(callback.get('code') ?? ''),
  );
}

function reduce<T>(
  open: () => Client | V1Client,
  createTransport: () => T,
  finishAuth: (transport: T, callback: URLSearchParams) => Promise<void>,
): OAuthClient {
  let client = open();
  let transport = createTransport();
  return {
    connect: async () => {
      client = open();
      transport = createTransport();
      await client.connect(transport as never);
    },
    finish: (callback) => finishAuth(transport, callback),
    toolNames: async () =>
      (await client.listTools()).tools.map(({ name }) => name).sort(),
    call: async (name, args = {}) => {
      const result = await client.callTool({ name, arguments: args });
      const [block] = result.content as { type: string; text?: string }[];
      if (result.isError) {
        throw new Error(block?.text ?? 'failed without a text');
      }
      return block?.text ?? '';
    },
    close: () => client.close(),
  };
}
