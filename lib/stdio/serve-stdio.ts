import type { Server } from '@modelcontextprotocol/server';
import {
  serveStdio as connectStdio,
  StdioServerTransport,
} from '@modelcontextprotocol/server/stdio';
import {
  type INestApplication,
  type INestApplicationContext,
  Logger,
} from '@nestjs/common';
import { Writable } from 'node:stream';
import {
  ENDPOINT_RESOURCE,
  type ProtectedResource,
} from '../auth/server/protected-resources.js';
import type { ServerAuth } from '../auth/server/server-auth.js';
import type { AccessToken } from '../auth/token/access-token.js';
import { checkOptions } from '../options/option-keys.js';
import { McpApplication } from '../platform/mcp-application.js';
import { findServer } from '../server/mcp-server-instance.js';
import { runRequest } from '../transport/request/endpoint-request.js';
import {
  asCaller,
  localRequest,
  requestOf,
} from '../transport/request/local-request.js';
import { holdToken } from '../transport/request/session-caller.js';
import { McpServerFactory } from '../transport/sdk-server/mcp-server.factory.js';
import {
  SERVE_STDIO_KEYS,
  type ServeStdioOptions,
} from './stdio-options.interface.js';

/** Who calls over stdio: whoever the application says, or nobody in particular. */
export class StdioIdentity {
  private constructor(
    private readonly auth: ServerAuth,
    private readonly identity: AccessToken | undefined,
    private readonly user: unknown,
  ) {}

  /**
   * @param auth of the server that is called
   * @throws Error where only guards of the endpoint know the callers, which
   * have no request to look at here
   */
  static async of(
    auth: ServerAuth,
    identity: AccessToken | undefined,
  ): Promise<StdioIdentity> {
    if (!identity && auth.enabled && !auth.verifiesTokens) {
      throw new Error(
        'auth.verifier is false, so that guards of the endpoint decide on ' +
          'callers, and over stdio there is no request for them to look ' +
          'at. Say who the caller is: identity: new AccessToken({ … }).',
      );
    }
    const { user } = (await localRequest(auth, identity ?? null)) as {
      user?: unknown;
    };
    return new StdioIdentity(auth, identity, user);
  }

  /** Has the server take every message for one of this caller. */
  bind(server: Server): Server {
    holdToken(server, { token: this.identity ?? null });
    const connect = server.connect.bind(server);
    server.connect = async (transport) => {
      await this.run(() => connect(transport));
      const receive = transport.onmessage;
      transport.onmessage = (message, extra) =>
        this.run(() => receive?.(message, extra));
    };
    return server;
  }

  /** Each time with a request of its own, as applications keep things in it. */
  private run<T>(serve: () => T): T {
    const { auth, identity, user } = this;
    const token = identity && !identity.isExpired() ? identity : null;
    const request = requestOf(token, token ? user : undefined);
    return asCaller(auth, token, () =>
      runRequest({ request, response: undefined }, serve),
    );
  }
}

/** The SDK's transport, which tells when the connection is over, whoever ended it. */
class WatchedTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  private readonly noteClosed: () => void;

  constructor(stdout: Writable) {
    super(process.stdin, stdout);
    let note = (): void => undefined;
    this.closed = new Promise((resolve) => (note = resolve));
    this.noteClosed = note;
  }

  override async close(): Promise<void> {
    await super.close();
    this.noteClosed();
  }
}

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
  await app.init();
  const server = findServer(app, options.server);
  await app.get(McpApplication, { strict: false }).ready();
  const factory = server.get(McpServerFactory);
  const caller = await StdioIdentity.of(
    server.get<ProtectedResource>(ENDPOINT_RESOURCE).auth,
    options.identity,
  );
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

let protocolStream: Writable | undefined;

/**
 * Keeps standard output for the protocol: from now on, whatever else is written
 * to `process.stdout`, by `console.log` or Nest's logger, goes to standard
 * error. Not caught is what bypasses `process.stdout`: pino and Fastify's
 * `logger` write to file descriptor 1 themselves, and need
 * `pino.destination(2)`.
 *
 * It holds until the process ends, as a client reads on while the server stops.
 * Further calls do nothing.
 *
 * @returns the stream that still leads to standard output
 * @publicApi
 */
export function protectStdout(): Writable {
  return (protocolStream ??= divert(process.stdout, process.stderr));
}

function divert(
  stdout: NodeJS.WriteStream,
  stderr: NodeJS.WriteStream,
): Writable {
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // A client that is gone breaks the pipe; the writer below is told of it.
  stdout.on('error', () => undefined);
  return new Writable({
    write: (chunk: Buffer, encoding, done) => void write(chunk, encoding, done),
  });
}
