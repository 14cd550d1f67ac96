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
import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';

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

/** Options with a verifier in place of what describes a provider. */
export type AuthSettings = Omit<
  McpAuthModuleOptions,
  keyof ProviderDescription | 'secrets'
>;

/** The options that say who issues tokens, for those who name no verifier. */
type ProviderDescription = Pick<
  McpAuthOptions,
  'issuer' | 'clientId' | 'clientSecret' | 'audience'
>;

/** @throws Error naming the option, its value and the remedy */
export function authSettings({
  issuer,
  clientId,
  clientSecret,
  audience,
  secrets: _secrets,
  ...options
}: McpAuthModuleOptions): AuthSettings {
  if (options.tokenIssuer && options.authorizationServer) {
    throw new Error(
      'auth.tokenIssuer and auth.authorizationServer both issue tokens. Leave ' +
        'one of them out.',
    );
  }
  checkAuthOptions(options);
  const provider = givenOptions({ issuer, clientId, clientSecret, audience });
  const [named] = Object.keys(provider);
  if (named === undefined) {
    return options;
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
    authorizationServers,
    verifier: new ProviderTokenVerifier(provider),
  };
}
