import { isSafeRedirectUri } from '../registration/redirect-uri.policy.js';
import type { StaticClientOptions } from './authorization-server-options.interface.js';

/** Characters of a secret, at least: 96 bits where they are random base64. */
const MIN_SECRET = 16;

/** @throws Error naming the client, the option and the remedy */
export function checkClients(clients: readonly StaticClientOptions[]): void {
  const ids = new Set<string>();
  for (const client of clients) {
    const { clientId, clientSecret, grantTypes = [] } = client;
    if (clientId === '' || ids.has(clientId)) {
      throw new Error(
        `authorizationServer.clients: "${clientId}" is empty or given twice. ` +
          'Give each client an id of its own.',
      );
    }
    ids.add(clientId);
    if (clientSecret !== undefined && clientSecret.length < MIN_SECRET) {
      throw new Error(
        `authorizationServer.clients: the clientSecret of "${clientId}" has ` +
          `${clientSecret.length} characters, and needs ${MIN_SECRET}, or it can ` +
          'be guessed. Make one with `openssl rand -base64 32`.',
      );
    }
    if (grantTypes.includes('client_credentials') && !clientSecret) {
      throw new Error(
        `authorizationServer.clients: "${clientId}" asks for ` +
          'client_credentials without a clientSecret, so anybody could be it. ' +
          'Give it a secret, or leave the grant type out.',
      );
    }
    const unsafe = client.redirectUris?.find((uri) => !isSafeRedirectUri(uri));
    if (unsafe !== undefined) {
      throw new Error(
        `authorizationServer.clients: "${clientId}" has the redirect URI ` +
          `"${unsafe}". Write an https URL, an http URL of 127.0.0.1, [::1] or ` +
          'localhost, or one of an app of its own scheme, without user name, ' +
          'fragment and dot segments.',
      );
    }
    const logsIn =
      !grantTypes.length || grantTypes.includes('authorization_code');
    if (logsIn && !client.redirectUris?.length) {
      throw new Error(
        `authorizationServer.clients: "${clientId}" has no redirectUris, so ` +
          'nobody could log in with it. Give it one, or set its grantTypes to ' +
          "['client_credentials'].",
      );
    }
    if ((client.authMethod === 'none') === (clientSecret !== undefined)) {
      if (client.authMethod !== undefined) {
        throw new Error(
          `authorizationServer.clients: authMethod of "${clientId}" is ` +
            `"${client.authMethod}", which does not fit ` +
            `${clientSecret === undefined ? 'a client without secret' : 'its clientSecret'}. ` +
            'Leave authMethod out, or change the secret.',
        );
      }
    }
  }
}
