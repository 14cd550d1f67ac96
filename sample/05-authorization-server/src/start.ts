import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { createApp } from './create-app.js';
import { resolvePort } from './free-port.js';

/** The server of this sample. */
export interface Running {
  readonly app: INestApplication;
  /** URL of the MCP endpoint. */
  readonly endpoint: string;
}

/** Starts the application; port 0 takes a free one. */
export async function start(
  port: number,
  adapter?: AbstractHttpAdapter,
  options?: NestApplicationOptions,
): Promise<Running> {
  const resolved = await resolvePort(port);
  const endpoint = `http://127.0.0.1:${resolved}/mcp`;
  // Clients hold a server to the URL that they were given: both names are right.
  const resource = [endpoint, endpoint.replace('127.0.0.1', 'localhost')];
  const app = await createApp(resource, adapter, options);
  await app.listen(resolved, '127.0.0.1');
  return { app, endpoint };
}
