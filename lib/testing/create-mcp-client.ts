import type {
  CallToolResult,
  Client,
  ClientCapabilities,
} from '@modelcontextprotocol/client';
import type { INestApplication } from '@nestjs/common';
import type { Server } from 'node:http';
import { checkOptions } from '../options/option-keys.js';
import { findServer } from '../server/mcp-server-instance.js';
import { McpApplication } from '../platform/mcp-application.js';
import { inProcessFetch } from '../platform/in-process-fetch.js';
import {
  McpTestClient,
  type McpTestClientOptions,
  TEST_CLIENT_KEYS,
} from './mcp-test-client.js';

/** What the client declares: as much as it can answer. */
function capabilitiesFor({
  elicit,
  sample,
  roots,
  capabilities,
}: McpTestClientOptions): ClientCapabilities {
  return {
    ...(elicit && { elicitation: { form: {}, url: {} } }),
    ...(sample && { sampling: {} }),
    ...(roots && { roots: {} }),
    ...capabilities,
  };
}

/** Has the client answer, in both eras, with the functions given. */
function answerWith(
  client: Client,
  { elicit, sample, roots }: McpTestClientOptions,
): void {
  if (elicit) {
    client.setRequestHandler('elicitation/create', async ({ params }) =>
      elicit(params),
    );
  }
  if (sample) {
    client.setRequestHandler('sampling/createMessage', async ({ params }) =>
      sample(params),
    );
  }
  if (roots) {
    client.setRequestHandler('roots/list', () => ({
      roots: [...(typeof roots === 'function' ? roots() : roots)],
    }));
  }
}

type ClientPackage = typeof import('@modelcontextprotocol/client');

/**
 * The SDK's client, which only tests need.
 *
 * @throws Error where the package is not installed
 */
async function loadClient(): Promise<ClientPackage> {
  try {
    return await import('@modelcontextprotocol/client');
  } catch (cause) {
    throw new Error(
      'nestjs-mcp/testing needs the package @modelcontextprotocol/client. ' +
        'Install it: npm install --save-dev @modelcontextprotocol/client',
      { cause },
    );
  }
}

/** The revision that the SDK's client is held to in the modern era. */
const MODERN_VERSION = '2026-07-28';

/**
 * Connects a client of the SDK to an application that does not listen: there is
 * no port, and yet everything between socket and controller runs, middleware,
 * guards and filters included. Close the client before the application.
 *
 * ```ts
 * const module = await Test.createTestingModule({ imports: [AppModule] }).compile();
 * const app = await module.createNestApplication().init();
 * const mcp = await createMcpClient(app, { token });
 * expect((await mcp.callTool('cats_find_one', { id: 1 })).isError).toBeFalsy();
 * await mcp.close();
 * ```
 *
 * @param app initialised here, unless it is already
 * @throws Error where the application has no such server, or refuses the client
 * @publicApi
 */
export async function createMcpClient(
  app: INestApplication,
  options: McpTestClientOptions = {},
): Promise<McpTestClient> {
  checkOptions('createMcpClient(app, …)', options, TEST_CLIENT_KEYS);
  const { Client, StreamableHTTPClientTransport } = await loadClient();
  await app.init();
  const { path } = findServer(app, options.server);
  await app.get(McpApplication, { strict: false }).ready();
  const transport = new StreamableHTTPClientTransport(
    // Not listening counts as loopback, and this is its name.
    new URL(path, 'http://localhost'),
    {
      fetch: inProcessFetch(app.getHttpServer() as Server),
      requestInit: { headers: headersFor(options) },
    },
  );
  const client = new Client(
    { name: 'nestjs-mcp-testing', version: '1.0.0' },
    {
      capabilities: capabilitiesFor(options),
      // Otherwise the client answers from what it knows, for a server that has
      // no tools, or for one that is gone, with an empty list.
      enforceStrictCapabilities: true,
      versionNegotiation: {
        mode: options.era === 'legacy' ? 'legacy' : { pin: MODERN_VERSION },
      },
    },
  );
  answerWith(client, options);
  try {
    await client.connect(transport);
  } catch (error) {
    await client.close();
    throw error;
  }
  return new McpTestClient(client, transport);
}

/**
 * Calls one tool with a client of its own:
 *
 * ```ts
 * const { content } = await callTool(app, 'cats_find_one', { id: 1 });
 * ```
 *
 * @throws as {@link createMcpClient} and {@link McpTestClient.callTool}
 * @publicApi
 */
export async function callTool(
  app: INestApplication,
  name: string,
  args: Record<string, unknown> = {},
  options: McpTestClientOptions = {},
): Promise<CallToolResult> {
  const client = await createMcpClient(app, options);
  try {
    return await client.callTool(name, args);
  } finally {
    await client.close();
  }
}

function headersFor({
  token,
  headers,
}: McpTestClientOptions): Record<string, string> {
  return {
    ...headers,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}
