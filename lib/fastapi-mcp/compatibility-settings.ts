import type { McpAuthModuleOptions } from '../auth/auth-options.interface.js';
import { checkOAuthMetadata } from './check-oauth-metadata.js';
import { withoutNulls } from './define-oauth-metadata.js';
import type { DirectOptions } from './direct/direct-options.js';
import type { MirrorOptions } from './metadata.mirror.js';
import {
  type PlainOptions,
  withMetadataPath,
  withoutCompatibility,
} from './proxied-options.js';
import { proxiedOptions } from './proxied-options.js';

/** What is served for the compatibility options. */
export interface CompatibilitySettings {
  readonly mirror?: MirrorOptions;
  readonly direct?: DirectOptions;
}

/** Options without those of compatibility, and what is served besides. */
export interface Translated {
  readonly options: PlainOptions;
  readonly compatibility?: CompatibilitySettings;
}

const PATH = /^(\/[A-Za-z0-9._~-]+)+$/;

/**
 * Puts the options of FastAPI-MCP in terms of the others.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function translateOptions(given: McpAuthModuleOptions): Translated {
  const { metadataPath } = given;
  if (metadataPath !== undefined && !PATH.test(metadataPath)) {
    throw new Error(
      `auth.metadataPath is "${metadataPath}". Write a path such as ` +
        '"/.well-known/oauth-authorization-server".',
    );
  }
  if (given.enforce === false && !given.customMetadata) {
    throw new Error(
      'auth.enforce is false, which lets auth.customMetadata be served where ' +
        'nothing verifies tokens, and there is none. Leave it out.',
    );
  }
  const options = withAuthorizeUrl(given);
  if (options.setupProxies) {
    return proxiedOptions(options);
  }
  for (const name of ['callback', 'metadataUrl', 'defaultScopes'] as const) {
    if (options[name] !== undefined) {
      throw new Error(
        `auth.${name} is about logins through auth.setupProxies, which is not ` +
          'set. Set it to true, or leave the option out.',
      );
    }
  }
  return options.customMetadata ? mirrored(options) : plain(options);
}

function withAuthorizeUrl(options: McpAuthModuleOptions): McpAuthModuleOptions {
  const { authorizeUrl, authorizationEndpoint } = options;
  if (
    authorizeUrl !== undefined &&
    authorizationEndpoint !== undefined &&
    authorizeUrl !== authorizationEndpoint
  ) {
    throw new Error(
      'auth.authorizeUrl and auth.authorizationEndpoint are two names of one ' +
        `option, and differ (${authorizeUrl}; ${authorizationEndpoint}). Keep one.`,
    );
  }
  return authorizeUrl === undefined
    ? options
    : { ...options, authorizationEndpoint: authorizeUrl };
}

function mirrored(options: McpAuthModuleOptions): Translated {
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
      ...withoutCompatibility(options),
      authorizationServers: authorizationServers ?? [issuer],
      ...(!enforce && !verifiesTokens(options) && { verifier: false }),
    },
    compatibility: { mirror: { document, path: metadataPath, enforce } },
  };
}

/** Whether the options say how; what the application provides for others does not count. */
function verifiesTokens(options: McpAuthModuleOptions): boolean {
  return (
    [
      'verifier',
      'provider',
      'issuer',
      'authorizationEndpoint',
      'tokenEndpoint',
      'clientId',
      'clientSecret',
      'audience',
    ] as const
  ).some((name) => options[name] !== undefined);
}

function plain(options: McpAuthModuleOptions): Translated {
  const { metadataPath, authorizationServer } = options;
  if (metadataPath === undefined) {
    return { options: withoutCompatibility(options) };
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
      ...withoutCompatibility(options),
      authorizationServer: withMetadataPath(authorizationServer, metadataPath),
    },
  };
}
