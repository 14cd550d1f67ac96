import type { AddressInfo } from 'node:net';
import type {
  DynamicModule,
  INestApplication,
  NestApplicationOptions,
  Type,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { createAdapter, type AdapterName } from './adapters.js';
import { RecordingLogger } from './recording-logger.js';

/** An application that listens on a free loopback port. */
export interface BootedApp {
  readonly app: INestApplication;
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string;
  readonly logger: RecordingLogger;
  close(): Promise<void>;
}

/** What a test may set beside the module. */
export interface BootOptions {
  /** Runs before the application listens: prefix, versioning, pipes, plugins. */
  readonly configure?: (app: INestApplication) => void | Promise<void>;
  readonly nest?: NestApplicationOptions;
  /** Address to listen on. @default '127.0.0.1' */
  readonly host?: string;
  /** Port to listen on. @default a free one */
  readonly port?: number;
}

/**
 * For tests with clients that keep a spare connection: `close()` would wait
 * four seconds for it, as it has had no request that could have ended.
 */
export const UNHELD: BootOptions = { nest: { forceCloseConnections: true } };

/**
 * Boots `module` as a real HTTP server; rejects where start-up fails.
 *
 * @param adapter one of the matrix, or another
 */
export async function bootApp(
  module: Type<unknown> | DynamicModule,
  adapter: AdapterName | AbstractHttpAdapter,
  options: BootOptions = {},
): Promise<BootedApp> {
  const logger = new RecordingLogger();
  const app = await NestFactory.create(
    module,
    typeof adapter === 'string' ? createAdapter(adapter) : adapter,
    { logger, abortOnError: false, ...options.nest },
  );
  try {
    await options.configure?.(app);
    await app.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return {
    app,
    url: `http://127.0.0.1:${port}`,
    logger,
    close: () => app.close(),
  };
}
