import {
  type INestApplication,
  type INestApplicationContext,
  Logger,
} from '@nestjs/common';
import { serveStdio as connectStdio } from '@modelcontextprotocol/server/stdio';
import { LocalCaller } from './local-caller.js';
import { localServer } from './local-server.js';
import { protectStdout } from './protected-stdout.js';
import {
  SERVE_STDIO_KEYS,
  type ServeStdioOptions,
} from './stdio-options.interface.js';
import { WatchedTransport } from './watched.transport.js';
import { checkOptions } from '../options/option-keys.js';

/** An MCP connection over standard input and output. @publicApi */
export interface StdioConnection {
  /** Resolves when the connection is over: the client has closed standard input, or {@link close} was called. */
  readonly closed: Promise<void>;
  /** Ends the connection; calls under way are aborted. */
  close(): Promise<void>;
}

/** Standard input has one reader. */
let isServing = false;

/**
 * Connects the MCP server of an application to standard input and output, for
 * clients of either era that have started this process. The application
 * outlives the connection: close it when {@link StdioConnection.closed}
 * resolves. `runStdioServer()` does all of it.
 *
 * ```ts
 * protectStdout(); // before anything is logged
 * const app = await NestFactory.create(AppModule);
 * const connection = await serveStdio(app);
 * await connection.closed;
 * await app.close();
 * ```
 *
 * @param app of `NestFactory.create()`, which need not listen, or of
 * `NestFactory.createApplicationContext()`, which has no routes: only tools of
 * providers are then served. Initialised here, unless it is already
 * @throws Error where the application has no such server, or one is served already
 * @publicApi
 */
export async function serveStdio(
  app: INestApplication | INestApplicationContext,
  options: ServeStdioOptions = {},
): Promise<StdioConnection> {
  checkOptions('serveStdio(app, …)', options, SERVE_STDIO_KEYS);
  if (isServing) {
    throw new Error(
      'serveStdio: standard input and output serve a connection already.',
    );
  }
  const stdout = protectStdout();
  await prepare(app);
  const { factory, auth } = localServer(app, options.server);
  const caller = await LocalCaller.of(auth, options.identity);
  isServing = true;
  const logger = new Logger('McpStdio');
  const transport = new WatchedTransport(stdout);
  const handle = connectStdio(
    ({ era }) => caller.bind(factory.create(era, { hasSession: true })),
    {
      transport,
      onerror: (error) => logger.debug(error.message),
    },
  );
  return {
    closed: transport.closed.then(() => {
      isServing = false;
    }),
    close: () => handle.close(),
  };
}

/** What `listen()` does, but for the port: both steps do nothing the second time. */
async function prepare(
  app: INestApplication | INestApplicationContext,
): Promise<void> {
  await app.init();
  const adapter = 'getHttpAdapter' in app ? app.getHttpAdapter() : undefined;
  if (adapter?.getType() === 'fastify') {
    const fastify = adapter.getInstance() as { ready(): Promise<unknown> };
    await fastify.ready();
  }
}
