import { randomBytes } from 'node:crypto';
import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { CompanyLogin } from './auth/company-login.interface.js';
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
  readonly login: CompanyLogin;
  /** URL of the MCP endpoint. */
  readonly endpoint: string;
}

/** Starts the identity provider, then the application, which finds it by its issuer. */
export async function start(
  ports: Ports,
  adapter?: AbstractHttpAdapter,
  options?: NestApplicationOptions,
): Promise<Running> {
  const port = await resolvePort(ports.app);
  const origin = `http://127.0.0.1:${port}`;
  const client = {
    audience: 'https://tasks.example.com',
    clientId: 'tasks',
    clientSecret: randomBytes(32).toString('base64url'),
  };
  const provider = await startProvider(
    ports.provider,
    client,
    `${origin}/oauth/callback`,
  );
  const login = { ...client, issuer: provider.issuer };
  const endpoint = `${origin}/mcp`;
  // Clients hold a server to the URL that they were given: both names are right.
  const resource = [endpoint, endpoint.replace('127.0.0.1', 'localhost')];
  const app = await createApp(resource, login, adapter, options);
  await app.listen(port, '127.0.0.1');
  return { app, provider, login, endpoint };
}
