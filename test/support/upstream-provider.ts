import { exportJWK, generateKeyPair } from 'jose';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration } from 'oidc-provider';

/** The client that the provider knows. */
export const UPSTREAM_CLIENT = {
  clientId: 'atlas',
  clientSecret: 'upstream-s3cret/with+odd:characters',
} as const;

/** A real OpenID provider on loopback, which registers nobody. */
export interface UpstreamServer {
  readonly issuer: string;
  /** Method and path of every request. */
  readonly requests: string[];
  /** Closes connections without an answer while it is true. */
  isDown: boolean;
  close(): Promise<void>;
}

/**
 * Starts the provider. Its people have the name they log in with, in capitals,
 * and give it where the scope `profile` is asked for.
 *
 * @param redirectUris those of the only client
 * @param changes of its configuration
 */
export async function startUpstreamProvider(
  redirectUris: readonly string[],
  changes: Configuration = {},
): Promise<UpstreamServer> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const issuer = `http://127.0.0.1:${port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const provider = new Provider(issuer, {
    jwks: { keys: [await exportJWK(privateKey)] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: [
      {
        client_id: UPSTREAM_CLIENT.clientId,
        client_secret: UPSTREAM_CLIENT.clientSecret,
        redirect_uris: [...redirectUris],
        grant_types: ['authorization_code', 'refresh_token'],
        application_type: 'native',
      },
    ],
    claims: { openid: ['sub'], profile: ['name'] },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: accountId.toUpperCase() }),
    }),
    pkce: { required: () => true },
    ...changes,
    features: { devInteractions: { enabled: true }, ...changes.features },
  });
  const handle = provider.callback();
  const running: UpstreamServer = {
    issuer,
    requests: [],
    isDown: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  server.on('request', (request, response) => {
    running.requests.push(`${request.method} ${request.url?.split('?')[0]}`);
    if (running.isDown) {
      request.socket.destroy();
    } else {
      void handle(request, response);
    }
  });
  return running;
}
