import type {
  McpAuthModuleOptions,
  McpAuthOptions,
} from '../auth-options.interface.js';
import type { CompatibilityOptions } from '../authorization-server/compatibility/compatibility-options.interface.js';
import {
  type CompatibilitySettings,
  translateOptions,
} from '../authorization-server/compatibility/compatibility-settings.js';
import type { AuthorizationServerOptions } from '../authorization-server/options/authorization-server-options.interface.js';
import { ProviderTokenVerifier } from '../verifiers/provider/provider-token.verifier.js';
import { checkAuthOptions } from './check-auth-options.js';

/** Options under one name each, with a verifier in place of what describes a provider. */
export type AuthSettings = Omit<
  McpAuthModuleOptions,
  | keyof ProviderDescription
  | keyof CompatibilityOptions
  | 'scopes'
  | 'registration'
  | 'revocation'
> & {
  /** What is served for options of FastAPI-MCP. */
  readonly compatibility?: CompatibilitySettings;
};

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
export function authSettings(all: McpAuthModuleOptions): AuthSettings {
  const { options: translated, compatibility } = translateOptions(all);
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
  } = translated;
  const authorizationServer = serverOptions(given.authorizationServer, {
    registration,
    revocation,
  });
  const options = {
    ...given,
    ...(authorizationServer && { authorizationServer }),
    ...(compatibility && { compatibility }),
  };
  const requiredScopes = oneOf(options.requiredScopes, scopes);
  checkAuthOptions({ ...options, requiredScopes });
  const provider = defined({
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
  return server && { ...server, ...defined(options) };
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

function defined<T extends object>(members: T): T {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as T;
}
