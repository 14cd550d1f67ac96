import type { INestApplication } from '@nestjs/common';
import { createApp } from '../../sample/01-quickstart/src/create-app.js';
import { DEMO_KEY } from '../../sample/01-quickstart/src/notes/notes-key.js';
import { type AdapterName, createAdapter } from './adapters.js';

/** What opens the sample's writing routes. */
export const WITH_KEY = { authorization: `Bearer ${DEMO_KEY}` };

/** The sample, listening on a free loopback port. */
export interface Quickstart {
  readonly app: INestApplication;
  readonly endpoint: string;
  /** Plain HTTP beside MCP, for comparison. */
  http(
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; body: unknown }>;
}

export async function bootQuickstart(
  adapter: AdapterName,
): Promise<Quickstart> {
  const app = await createApp(createAdapter(adapter), {
    logger: ['warn', 'error', 'fatal'],
    abortOnError: false,
    forceCloseConnections: true,
  });
  await app.listen(0, '127.0.0.1');
  const origin = await app.getUrl();
  return {
    app,
    endpoint: `${origin}/mcp`,
    http: async (path, init = {}) => {
      const response = await fetch(origin + path, init);
      const text = await response.text();
      return { status: response.status, body: text && JSON.parse(text) };
    },
  };
}
