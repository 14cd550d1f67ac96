import type { McpAuthOptions } from '../auth/auth-options.interface.js';
import { checkOptions } from '../options/option-keys.js';
import { AUTH_CONFIG_KEYS, type AuthConfig } from './auth-config.interface.js';
import { AuthConfigIssuer } from './auth-config.issuer.js';
import type { Translated } from './auth-config.settings.js';
import { checkOAuthMetadata } from './check-oauth-metadata.js';
import { withoutNulls } from './define-oauth-metadata.js';
import {
  plainOptions,
  proxiedOptions,
  withMetadataPath,
} from './proxied-options.js';

const PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/**
 * Options of `auth` for a server that is described as FastAPI-MCP's `AuthConfig`
 * describes one.
 *
 * ```ts
 * McpModule.forRoot({
 *   auth: fromAuthConfig({
 *     issuer: 'https://login.example.com',
 *     clientId: 'atlas',
 *     clientSecret: process.env.CLIENT_SECRET,
 *     setupProxies: true,
 *   }),
 * });
 * ```
 *
 * @throws Error naming the option, its value and the remedy
 * @publicApi
 */
export function fromAuthConfig(config: AuthConfig): McpAuthOptions {
  checkOptions('fromAuthConfig(…)', config, AUTH_CONFIG_KEYS);
  const { options, served } = translateAuthConfig(config);
  return served
    ? {
        ...options,
        tokenIssuer: (context) => new AuthConfigIssuer(served, context),
      }
    : options;
}

/** @throws Error naming the option, its value and the remedy */
export function translateAuthConfig(options: AuthConfig): Translated {
  const { metadataPath } = options;
  if (metadataPath !== undefined && !PATH.test(metadataPath)) {
    throw new Error(
      `auth.metadataPath is "${metadataPath}". Write a path such as ` +
        '"/.well-known/oauth-authorization-server".',
    );
  }
  if (options.enforce === false && !options.customMetadata) {
    throw new Error(
      'auth.enforce is false, which lets auth.customMetadata be served where ' +
        'nothing verifies tokens, and there is none. Leave it out.',
    );
  }
  if (options.setupProxies) {
    return proxiedOptions(options);
  }
  for (const name of [
    'callback',
    'metadataUrl',
    'authorizeUrl',
    'defaultScopes',
  ] as const) {
    if (options[name] !== undefined) {
      throw new Error(
        `auth.${name} is about logins through auth.setupProxies, which is not ` +
          'set. Set it to true, or leave the option out.',
      );
    }
  }
  return options.customMetadata ? mirrored(options) : plain(options);
}

function mirrored(options: AuthConfig): Translated {
  const { enforce = true, metadataPath, authorizationServers } = options;
  const document = withoutNulls(options.customMetadata ?? {});
  checkOAuthMetadata('auth.customMetadata', document);
  const { issuer } = document;
  if (options.authorizationServer) {
    throw new Error(
      'auth.customMetadata sends clients to an authorization server elsewhere, ' +
        'while auth.authorizationServer is one here, with metadata of its own. ' +
        'Leave one of them out.',
    );
  }
  for (const [name, issuers] of [
    ['issuer', options.issuer === undefined ? undefined : [options.issuer]],
    ['authorizationServers', authorizationServers],
  ] as const) {
    if (issuers && !issuers.includes(issuer)) {
      throw new Error(
        `auth.customMetadata has the issuer "${issuer}", but auth.${name} is ` +
          `"${issuers.join('", "')}". Write one and the same, letter for letter.`,
      );
    }
  }
  return {
    options: {
      ...plainOptions(options),
      authorizationServers: authorizationServers ?? [issuer],
      ...(!enforce && !verifiesTokens(options) && { verifier: false }),
    },
    served: { mirror: { document, path: metadataPath, enforce } },
  };
}

/** Whether the options say how; what the application provides for others does not count. */
function verifiesTokens(options: AuthConfig): boolean {
  return (
    [
      'verifier',
      'provider',
      'issuer',
      'clientId',
      'clientSecret',
      'audience',
    ] as const
  ).some((name) => options[name] !== undefined);
}

function plain(options: AuthConfig): Translated {
  const { metadataPath, authorizationServer } = options;
  if (metadataPath === undefined) {
    return { options: plainOptions(options) };
  }
  if (!authorizationServer) {
    throw new Error(
      'auth.metadataPath says where the metadata of an authorization server ' +
        'is, and this server has none. Set auth.setupProxies, ' +
        'auth.customMetadata or auth.authorizationServer, or leave it out.',
    );
  }
  return {
    options: {
      ...plainOptions(options),
      authorizationServer: withMetadataPath(authorizationServer, metadataPath),
    },
  };
}
