import type { AuthorizationServerSettings } from './authorization-server.settings.js';

/** RFC 6749, section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

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
      ? scopes.find((scope) => typeof scope !== 'string' || !SCOPE.test(scope))
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
