import { isScope } from '../../options/option-values.js';
import type { StaticClientOptions } from '../../auth/issuer/authorization-server-options.interface.js';
import type { AuthorizationServerSettings } from '../authorization-server-settings.interface.js';
import { isSafeRedirectUri, RedirectUriPolicy } from './redirect-uri.policy.js';

/** RFC 6749, section 3.3. */

/** @throws Error naming the option, its value and the remedy */
export function checkScopes({
  options,
  registration: { validScopes, defaultScopes },
}: AuthorizationServerSettings): void {
  const lists: [string, readonly string[] | undefined][] = [
    ['registration.validScopes', validScopes],
    ['registration.defaultScopes', defaultScopes],
    ['scopeDescriptions', Object.keys(options.scopeDescriptions ?? {})],
    ...(options.clients ?? []).map(
      ({ clientId, scopes }): [string, readonly string[] | undefined] => [
        `clients: scopes of "${clientId}"`,
        scopes,
      ],
    ),
  ];
  for (const [scope, text] of Object.entries(options.scopeDescriptions ?? {})) {
    if (typeof text !== 'string' || text.trim() === '') {
      throw new Error(
        `authorizationServer.scopeDescriptions: "${scope}" has no text. Write ` +
          'what it lets a client do, or leave it out.',
      );
    }
  }
  for (const [name, scopes] of lists) {
    if (scopes === undefined) {
      continue;
    }
    const wrong = Array.isArray(scopes)
      ? scopes.find((scope) => typeof scope !== 'string' || !isScope(scope))
      : scopes;
    if (wrong !== undefined) {
      throw new Error(
        `authorizationServer.${name}: "${String(wrong)}" is no scope. Write a ` +
          'list of names without spaces, quotes and backslashes.',
      );
    }
    const unknown = scopes.find(
      (scope) => validScopes && !validScopes.includes(scope),
    );
    if (unknown !== undefined) {
      throw new Error(
        `authorizationServer.${name} has "${unknown}", which is not among ` +
          'registration.validScopes, so nobody may have it. Add it there, or ' +
          'leave it out.',
      );
    }
  }
}

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

/** @throws Error naming the option, its value and the remedy */
export function checkRegistration({
  registration,
  revocation,
}: Pick<AuthorizationServerSettings, 'registration' | 'revocation'>): void {
  for (const [name, value] of [
    ['registration.enabled', registration.enabled],
    ['revocation.enabled', revocation.enabled],
  ] as const) {
    // A text such as "false" from the environment would count as true.
    if (typeof value !== 'boolean') {
      throw new Error(
        `authorizationServer.${name} is ${JSON.stringify(value)}. Write true ` +
          'or false.',
      );
    }
  }
  if (
    typeof registration.clientName !== 'string' ||
    registration.clientName.trim() === ''
  ) {
    throw new Error(
      'authorizationServer.registration.clientName is empty. Write the name ' +
        'that people are shown, or leave it out.',
    );
  }
  if (registration.enabled && registration.redirectUris.length === 0) {
    throw new Error(
      'authorizationServer.registration.redirectUris is empty, so nobody could ' +
        'register. Name what is allowed, or set registration.enabled to false.',
    );
  }
  new RedirectUriPolicy(registration.redirectUris);
  const { secretExpirySeconds, initialAccessToken } = registration;
  if (!Number.isSafeInteger(secretExpirySeconds) || secretExpirySeconds < 0) {
    throw new Error(
      'authorizationServer.registration.secretExpirySeconds is ' +
        `${secretExpirySeconds}. Write whole seconds, or 0 for never.`,
    );
  }
  if (initialAccessToken !== undefined && initialAccessToken.length < 16) {
    throw new Error(
      'authorizationServer.registration.initialAccessToken is shorter than 16 ' +
        'characters, so it could be guessed. Use a longer one, made at random.',
    );
  }
  for (const option of ['maxPerHour', 'maxPerHourAndAddress'] as const) {
    const value: unknown = registration[option];
    if (
      value !== false &&
      (!Number.isSafeInteger(value) || Number(value) < 1)
    ) {
      throw new Error(
        `authorizationServer.registration.${option} is ${JSON.stringify(value)}. ` +
          'Write a whole number above 0, or false for no limit.',
      );
    }
  }
  const { authMethod } = revocation;
  const methods = ['none', 'client_secret_basic', 'client_secret_post'];
  if (authMethod !== undefined && !methods.includes(authMethod)) {
    throw new Error(
      `authorizationServer.revocation.authMethod is "${authMethod}". Write one ` +
        `of ${methods.join(', ')}, or leave it out for any.`,
    );
  }
}
