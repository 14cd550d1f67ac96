import {
  Client,
  type FetchLike,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';
import type { AuthTarget, ClientCaller } from '../auth/client-auth.js';
import type { TraceContext } from '../calls/trace-context.js';
import type { ClientSettings } from '../config/client-settings.js';
import type { ClientAnswers } from '../handlers/client.handlers.js';
import type { McpClientList } from '../handlers/handler.decorators.js';
import type { TokenStore } from '../tokens/token.store.js';
import { httpFetch } from './http-fetch.js';

/** The revision that a client of the modern era is held to. */
const MODERN_VERSION = '2026-07-28';

/** What a client says of itself, and how it answers what servers ask of it. */
export interface ClientParts {
  readonly name: string;
  readonly version: string;
  /** Where a server of this application is, and how it is reached. */
  inProcess(server: string | true): Promise<InProcessServer>;
  /** Where tokens are kept. */
  readonly store: TokenStore;
  /** Undefined until telemetry is loaded. */
  readonly trace: TraceContext | undefined;
  /** What the application answers a server. */
  answers(server: string): ClientAnswers;
}

/** A server of this application. */
export interface InProcessServer {
  readonly url: URL;
  readonly fetch: FetchLike;
}

/** A client that is connected, and how it was. */
export interface OpenClient {
  readonly client: Client;
  close(): Promise<void>;
}

/** Connects a client of the SDK to a server. */
export async function openClient(
  name: string,
  settings: ClientSettings,
  parts: ClientParts,
  caller: () => ClientCaller,
  isShared: boolean,
): Promise<OpenClient> {
  const answers = parts.answers(name);
  // A stream for each connection: too many of them where each user has one.
  const watchesLists = isShared || answers.wantsListChanges;
  const changes = (list: McpClientList) => ({
    autoRefresh: false,
    onChanged: (error: Error | null) => {
      if (!error) {
        answers.listChanged(list);
      }
    },
  });
  const client = new Client(
    { name: parts.name, version: parts.version },
    {
      capabilities: answers.capabilities,
      // Otherwise a server without tools seems to have an empty list of them.
      enforceStrictCapabilities: true,
      defaultCacheTtlMs: settings.cacheTtl,
      versionNegotiation: {
        mode:
          settings.era === 'modern' ? { pin: MODERN_VERSION } : settings.era,
      },
      ...(watchesLists && {
        listChanged: {
          tools: changes('tools'),
          prompts: changes('prompts'),
          resources: changes('resources'),
        },
      }),
    },
  );
  answers.attach(client);
  const transport = await transportFor(name, settings, parts, caller);
  try {
    await client.connect(transport, { timeout: settings.connectTimeout });
    if (
      settings.logLevel !== undefined &&
      client.getProtocolEra() === 'legacy' &&
      client.getServerCapabilities()?.logging
    ) {
      await client.setLoggingLevel(settings.logLevel);
    }
  } catch (error) {
    await client.close().catch(() => undefined);
    await transport.close().catch(() => undefined);
    throw error;
  }
  return { client, close: () => close(client, transport) };
}

async function transportFor(
  name: string,
  settings: ClientSettings,
  parts: ClientParts,
  caller: () => ClientCaller,
): Promise<Transport> {
  if (settings.command !== undefined) {
    // Loaded when it is needed: it brings what starts programs.
    const { getDefaultEnvironment, StdioClientTransport } =
      await import('@modelcontextprotocol/client/stdio');
    return new StdioClientTransport({
      command: settings.command,
      args: [...(settings.args ?? [])],
      env: { ...getDefaultEnvironment(), ...settings.env },
      ...(settings.cwd !== undefined && { cwd: settings.cwd }),
    });
  }
  const { url, fetch } =
    settings.inProcess === undefined
      ? { url: new URL(settings.url ?? ''), fetch: globalThis.fetch }
      : await parts.inProcess(settings.inProcess);
  const target: AuthTarget = { name, url, fetch, store: parts.store };
  const options = { fetch: httpFetch(settings, target, caller) };
  return settings.transport === 'sse'
    ? new SSEClientTransport(url, options)
    : new StreamableHTTPClientTransport(url, options);
}

/** Ends the session, if there is one: the server need not keep it. */
async function close(client: Client, transport: Transport): Promise<void> {
  if (
    transport instanceof StreamableHTTPClientTransport &&
    transport.sessionId !== undefined
  ) {
    await transport.terminateSession().catch(() => undefined);
  }
  await client.close();
}
