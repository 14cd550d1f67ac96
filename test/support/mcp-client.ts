import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type McpClient,
  McpClientModule,
  type McpClientModuleOptions,
  McpClients,
  type McpClientServerOptions,
} from '../../lib/client/index.js';
import { RecordingLogger } from './recording-logger.js';

/** An application that calls servers, and has no HTTP of its own. */
export interface CallingApp {
  readonly app: INestApplicationContext;
  readonly logger: RecordingLogger;
  client(name: string): McpClient;
  close(): Promise<void>;
}

/** Boots an application with these servers; rejects where start-up fails. */
export async function bootClients(
  servers: Readonly<Record<string, McpClientServerOptions>>,
  options: McpClientModuleOptions = {},
  providers: NonNullable<Parameters<typeof Module>[0]['providers']> = [],
): Promise<CallingApp> {
  @Module({
    imports: [McpClientModule.forRoot({ servers, ...options })],
    providers,
  })
  class CallingModule {}
  const logger = new RecordingLogger();
  const app = await NestFactory.createApplicationContext(CallingModule, {
    logger,
    abortOnError: false,
  });
  return {
    app,
    logger,
    client: (name) => app.get(McpClients).get(name),
    close: () => app.close(),
  };
}
