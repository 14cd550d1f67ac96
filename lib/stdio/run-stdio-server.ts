import type {
  DynamicModule,
  INestApplicationContext,
  Type,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { checkOptions } from '../options/option-keys.js';
import { protectStdout, serveStdio } from './serve-stdio.js';
import {
  RUN_STDIO_KEYS,
  type RunStdioOptions,
} from './stdio-options.interface.js';

/**
 * Creates the whole application where an HTTP platform is installed, so that
 * its routes can be called, and an application context where none is.
 *
 * @throws Error where there is nothing that `configure` could configure
 */
async function createApplication(
  module: Type<unknown> | DynamicModule,
  { adapter, nest, configure }: RunStdioOptions,
): Promise<INestApplicationContext> {
  const platform = adapter ?? (await installedPlatform());
  if (platform) {
    const app = await NestFactory.create(module, platform, nest);
    await configure?.(app);
    return app;
  }
  if (configure) {
    throw new Error(
      'runStdioServer: configure is for an application with HTTP, and no ' +
        'platform is installed. Install @nestjs/platform-express, or leave it out.',
    );
  }
  return NestFactory.createApplicationContext(module, nest);
}

async function installedPlatform(): Promise<AbstractHttpAdapter | undefined> {
  const express = await orAbsent(import('@nestjs/platform-express'));
  if (express) {
    return new express.ExpressAdapter();
  }
  const fastify = await orAbsent(import('@nestjs/platform-fastify'));
  return fastify && new fastify.FastifyAdapter();
}

async function orAbsent<T>(loading: Promise<T>): Promise<T | undefined> {
  try {
    return await loading;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}

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
