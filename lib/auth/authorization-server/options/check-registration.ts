import { RedirectUriPolicy } from '../registration/redirect-uri.policy.js';
import type { AuthorizationServerSettings } from './authorization-server.settings.js';

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
