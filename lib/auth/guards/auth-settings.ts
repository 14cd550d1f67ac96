import type {
  McpAuthModuleOptions,
  McpAuthOptions,
} from '../auth-options.interface.js';
import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';
import { checkAuthOptions } from './check-auth-options.js';

/** Options under one name each, with a verifier in place of what describes a provider. */
export type AuthSettings = Omit<
  McpAuthModuleOptions,
  keyof ProviderDescription | 'scopes'
>;

/** The options that say who issues tokens, for those who name no verifier. */
type ProviderDescription = Pick<
  McpAuthOptions,
  | 'issuer'
  | 'authorizationEndpoint'
  | 'tokenEndpoint'
  | 'clientId'
  | 'clientSecret'
>;

/** @throws Error naming the option, its value and the remedy */
export function authSettings({
  issuer,
  authorizationEndpoint,
  tokenEndpoint,
  clientId,
  clientSecret,
  scopes,
  ...options
}: McpAuthModuleOptions): AuthSettings {
  const requiredScopes = oneOf(options.requiredScopes, scopes);
  checkAuthOptions({ ...options, requiredScopes });
  const provider = defined({
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    clientId,
    clientSecret,
  });
  const [named] = Object.keys(provider);
  if (named === undefined) {
    return { ...options, requiredScopes };
  }
  for (const other of ['verifier', 'provider'] as const) {
    if (options[other] !== undefined) {
      throw new Error(
        `auth.${named} describes an identity provider, while auth.${other} ` +
          'is given to judge tokens. Leave one of them out.',
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

function defined(description: ProviderDescription): ProviderDescription {
  return Object.fromEntries(
    Object.entries(description).filter(([, value]) => value !== undefined),
  );
}
