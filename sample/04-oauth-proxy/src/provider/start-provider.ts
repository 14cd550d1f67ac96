import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import type { CompanyLogin } from '../auth/company-login.interface.js';
import { providerConfiguration } from './provider.configuration.js';

/** An identity provider that listens. */
export interface RunningProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

/** Starts the identity provider on loopback; port 0 takes a free one. */
export async function startProvider(
  port: number,
  login: Omit<CompanyLogin, 'issuer'>,
  redirectUri: string,
): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${bound}`;
  const provider = new Provider(
    issuer,
    await providerConfiguration(login, redirectUri),
  );
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
