import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { createApp } from './create-app.js';
import { resolvePort } from './free-port.js';
import {
  type RunningProvider,
  startProvider,
} from './provider/start-provider.js';

/** Where to listen; 0 takes a free port. */
export interface Ports {
  readonly app: number;
  readonly provider: number;
}

/** Both servers of this sample. */
export interface Running {
  readonly app: INestApplication;
  readonly provider: RunningProvider;
  /** URL of the MCP endpoint. */
  readonly endpoint: string;
}

/** Starts the login server, then the application, which asks it for its keys. */
export async function start(
  ports: Ports,
  adapter?: AbstractHttpAdapter,
  options?: NestApplicationOptions,
): Promise<Running> {
  const port = await resolvePort(ports.app);
  const endpoint = `http://127.0.0.1:${port}/mcp`;
  // Clients hold a server to the URL that they were given: both names are right.
  const resource = [endpoint, endpoint.replace('127.0.0.1', 'localhost')];
  const provider = await startProvider(ports.provider, resource);
  const app = await createApp(
    { resource, issuer: provider.issuer },
    adapter,
    options,
  );
  await app.listen(port, '127.0.0.1');
  return { app, provider, endpoint };
}
