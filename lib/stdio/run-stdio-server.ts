import type { DynamicModule, Type } from '@nestjs/common';
import { createApplication } from './create-application.js';
import { protectStdout } from './protected-stdout.js';
import { serveStdio } from './serve-stdio.js';
import {
  RUN_STDIO_KEYS,
  type RunStdioOptions,
} from './stdio-options.interface.js';
import { checkOptions } from '../options/option-keys.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs an application as an MCP server that a client starts as its own process
 * and speaks with over standard input and output. Nothing listens on a port;
 * logs go to standard error.
 *
 * ```ts
 * // stdio.ts
 * await runStdioServer(AppModule);
 * ```
 *
 * Ends when the client closes standard input, and on SIGINT and SIGTERM: the
 * application is closed, and the process then ends by itself, or is ended
 * after `exitAfter`. Where an HTTP platform is installed, the whole application
 * is created, so that routes can be called; where none is, only providers'
 * tools are served. The guards of the endpoint itself do not run, as it has no
 * request; those of routes and providers do.
 *
 * @returns resolves when the application is closed
 * @throws Error where the application cannot start
 * @publicApi
 */
export async function runStdioServer(
  module: Type<unknown> | DynamicModule,
  options: RunStdioOptions = {},
): Promise<void> {
  checkOptions('runStdioServer(module, …)', options, RUN_STDIO_KEYS);
  protectStdout();
  const { server, identity } = options;
  const app = await createApplication(module, options);
  try {
    const connection = await serveStdio(app, { server, identity });
    const stop = (): void => void connection.close();
    SIGNALS.forEach((signal) => process.once(signal, stop));
    await connection.closed;
    // From here on a signal ends the process at once.
    SIGNALS.forEach((signal) => process.off(signal, stop));
  } finally {
    await app.close();
  }
  endProcessAfter(options.exitAfter ?? 5000);
}

/** A timer that holds nothing: it comes to nothing where nothing else does. */
function endProcessAfter(milliseconds: number): void {
  if (milliseconds > 0) {
    setTimeout(() => process.exit(), milliseconds).unref();
  }
}
