import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { providerConfiguration } from './provider.configuration.js';
import { registrationCors } from './registration-cors.js';

/** A login server that listens. */
export interface RunningProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** Starts the login server on loopback; port 0 takes a free one. */
export async function startProvider(
  port: number,
  resources: readonly string[],
): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${bound}`;
  const provider = new Provider(issuer, await providerConfiguration(resources));
  provider.use(registrationCors);
  server.on('request', provider.callback());
  // The process shall end with the application.
  server.unref();
  return {
    issuer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
