import {
  givenOptions,
  LONGEST_TIMEOUT,
  isScope,
  readSecureUrl,
  shown,
} from '../../options/option-values.js';
import type {
  McpAuthModuleOptions,
  McpAuthOptions,
} from '../auth-options.interface.js';
import type { AuthorizationServerOptions } from '../issuer/authorization-server-options.interface.js';
import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';

const SCHEME = /^[A-Za-z][A-Za-z0-9-]*$/;

/** @throws Error naming the option, its value and the remedy */
export function checkAuthOptions(options: McpAuthOptions): void {
  const resources = [options.resource ?? []].flat();
  if (options.resource !== undefined && resources.length === 0) {
    throw new Error(
      'auth.resource is an empty list. Write the public URL of the endpoint, ' +
        'such as "https://api.example.com/mcp", or leave it out.',
    );
  }
  for (const resource of resources) {
    checkUrl('resource', resource);
    if (resource.includes('?')) {
      throw new Error(
        `auth.resource: "${resource}" has a query, by which its metadata ` +
          'could not be told apart. Write the URL without it.',
      );
    }
  }
  for (const issuer of options.authorizationServers ?? []) {
    checkUrl('authorizationServers', issuer);
  }
  for (const scope of [
    ...(options.requiredScopes ?? []),
    ...(options.scopesSupported ?? []),
    ...(options.challengeScopes ?? []),
  ]) {
    if (!isScope(scope)) {
      throw new Error(
        `auth: "${scope}" is no scope. Write each by itself, without spaces ` +
          'and quotes (RFC 6749, section 3.3).',
      );
    }
  }
  if (options.scheme !== undefined && !SCHEME.test(options.scheme)) {
    throw new Error(
      `auth.scheme is "${options.scheme}". Write one word, such as "Bearer".`,
    );
  }
  checkRecheck(options.recheckStreamsAfter);
  if (options.verifier === false && options.provider !== undefined) {
    throw new Error(
      'auth.verifier is false while auth.provider is given. Leave one out: ' +
        'false says that guards alone decide.',
    );
  }
}

function checkRecheck(seconds: number | false | undefined): void {
  const longest = Math.floor(LONGEST_TIMEOUT / 1000);
  if (
    seconds !== undefined &&
    seconds !== false &&
    !(typeof seconds === 'number' && seconds > 0 && seconds <= longest)
  ) {
    throw new Error(
      `auth.recheckStreamsAfter is ${shown(seconds)}. Write seconds above 0, ` +
        `up to ${longest}, or false to leave streams open until their token expires.`,
    );
  }
}

function checkUrl(option: string, value: string): void {
  const url = readSecureUrl(value);
  if (!url || url.hash !== '' || url.username !== '' || url.password !== '') {
    throw new Error(
      `auth.${option}: "${value}" is no usable URL. Write an absolute https ` +
        'URL without fragment and credentials; http is for loopback alone.',
    );
  }
}

/** Options under one name each, with a verifier in place of what describes a provider. */
export type AuthSettings = Omit<
  McpAuthModuleOptions,
  keyof ProviderDescription | 'scopes' | 'registration' | 'revocation'
>;

/** The options that say who issues tokens, for those who name no verifier. */
type ProviderDescription = Pick<
  McpAuthOptions,
  | 'issuer'
  | 'authorizationEndpoint'
  | 'tokenEndpoint'
  | 'clientId'
  | 'clientSecret'
  | 'audience'
>;

/** @throws Error naming the option, its value and the remedy */
export function authSettings(all: McpAuthModuleOptions): AuthSettings {
  const {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    clientId,
    clientSecret,
    audience,
    scopes,
    registration,
    revocation,
    ...given
  } = all;
  const authorizationServer = serverOptions(given.authorizationServer, {
    registration,
    revocation,
  });
  const options = {
    ...given,
    ...(authorizationServer && { authorizationServer }),
  };
  if (options.tokenIssuer && options.authorizationServer) {
    throw new Error(
      'auth.tokenIssuer and auth.authorizationServer both issue tokens. Leave ' +
        'one of them out.',
    );
  }
  const requiredScopes = oneOf(options.requiredScopes, scopes);
  checkAuthOptions({ ...options, requiredScopes });
  const provider = givenOptions({
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    clientId,
    clientSecret,
    audience,
  });
  const [named] = Object.keys(provider);
  if (named === undefined) {
    return { ...options, requiredScopes };
  }
  for (const other of [
    'verifier',
    'provider',
    'authorizationServer',
  ] as const) {
    if (options[other] !== undefined) {
      throw new Error(
        `auth.${named} describes an identity provider, while auth.${other} ` +
          'is given, which knows its tokens. Leave one of them out.',
      );
    }
  }
  const { authorizationServers = issuer === undefined ? undefined : [issuer] } =
    options;
  if (issuer !== undefined && !authorizationServers?.includes(issuer)) {
    throw new Error(
      `auth.issuer is "${issuer}", but auth.authorizationServers sends ` +
        `clients to ${authorizationServers?.join(', ')}, whose tokens are ` +
        'not accepted. List the issuer, letter for letter, or leave ' +
        'auth.authorizationServers out.',
    );
  }
  return {
    ...options,
    requiredScopes,
    authorizationServers,
    verifier: new ProviderTokenVerifier(provider),
  };
}

/** @throws Error where an option has no server, or is given twice */
function serverOptions(
  server: AuthorizationServerOptions | undefined,
  options: Pick<AuthorizationServerOptions, 'registration' | 'revocation'>,
): AuthorizationServerOptions | undefined {
  for (const name of ['registration', 'revocation'] as const) {
    if (options[name] !== undefined && !server) {
      throw new Error(
        `auth.${name} configures the application's own authorization server, ` +
          'and there is none: clients register with their identity provider. ' +
          'Set auth.authorizationServer, or leave it out.',
      );
    }
    if (options[name] !== undefined && server?.[name] !== undefined) {
      throw new Error(
        `auth.${name} and auth.authorizationServer.${name} are two names of ` +
          'one option. Keep one.',
      );
    }
  }
  return server && { ...server, ...givenOptions(options) };
}

function oneOf(
  requiredScopes: readonly string[] | undefined,
  scopes: readonly string[] | undefined,
): readonly string[] | undefined {
  if (
    requiredScopes &&
    scopes &&
    [...requiredScopes].sort().join(' ') !== [...scopes].sort().join(' ')
  ) {
    throw new Error(
      'auth.requiredScopes and auth.scopes are two names of one option, and ' +
        `differ (${requiredScopes.join(' ')}; ${scopes.join(' ')}). Keep one.`,
    );
  }
  return requiredScopes ?? scopes;
}
