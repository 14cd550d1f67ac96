import type { McpAuthOptions } from '../auth/auth-options.interface.js';
import {
  hasCredentials,
  isScope,
  readSecureUrl,
} from '../options/option-values.js';
import type { AuthConfig } from './auth-config.interface.js';
import { directOptions } from './direct/direct-options.js';
import type { ProxiedProvider, Translated } from './auth-config.settings.js';

/** Everything that only the translation understands is gone. */
export function plainOptions({
  customMetadata: _customMetadata,
  setupProxies: _setupProxies,
  callback: _callback,
  metadataUrl: _metadataUrl,
  authorizeUrl: _authorizeUrl,
  defaultScopes: _defaultScopes,
  metadataPath: _metadataPath,
  enforce: _enforce,
  ...options
}: AuthConfig): McpAuthOptions {
  return options;
}

/** @throws Error where the server has another path */
export function withMetadataPath<
  Server extends { readonly metadataPath?: string },
>(server: Server, metadataPath: string | undefined): Server {
  const other = server.metadataPath;
  if (metadataPath === undefined) {
    return server;
  }
  if (other !== undefined && other !== metadataPath) {
    throw new Error(
      'auth.metadataPath and auth.authorizationServer.metadataPath are two ' +
        `names of one option, and differ (${metadataPath}; ${other}). Keep one.`,
    );
  }
  return { ...server, metadataPath };
}

/**
 * `setupProxies` in terms of the other options: an authorization server with
 * the provider upstream or, with `callback: 'direct'`, the endpoints that stand
 * in front of it.
 *
 * @throws Error naming the option, its value unless secret, and the remedy
 */
export function proxiedOptions(given: AuthConfig): Translated {
  if (given.callback !== undefined && given.callback !== 'direct') {
    throw new Error(
      `auth.callback is "${String(given.callback)}". Write "direct", or leave ` +
        'it out for codes to come to this server.',
    );
  }
  refuseContradictions(given);
  const provider = providerOf(given);
  const {
    issuer: _issuer,
    clientId: _clientId,
    clientSecret: _clientSecret,
    audience: _audience,
    ...options
  } = plainOptions(given);
  const { authorizationServer = {}, ...others } = options;
  const server = withMetadataPath(authorizationServer, given.metadataPath);
  return given.callback === 'direct'
    ? directOptions(provider, server, others)
    : { options: federated(provider, server, others) };
}

function federated(
  { audience, ...provider }: ProxiedProvider,
  server: NonNullable<McpAuthOptions['authorizationServer']>,
  options: McpAuthOptions,
): McpAuthOptions {
  if (!provider.scopes.includes('openid')) {
    throw new Error(
      `auth.defaultScopes is ${JSON.stringify(provider.scopes)}. Add "openid": ` +
        'without it the provider does not tell who logged in.',
    );
  }
  return {
    ...options,
    authorizationServer: {
      forwardUpstreamToken: true,
      ...server,
      upstream: { ...provider, ...(audience !== undefined && { audience }) },
    },
  };
}

function refuseContradictions(options: AuthConfig): void {
  const { authorizationServer, callback } = options;
  const refuse = (name: string, why: string): never => {
    throw new Error(
      `auth.setupProxies is set, and auth.${name} as well, ${why}. Leave one ` +
        'of them out.',
    );
  };
  if (options.customMetadata) {
    refuse(
      'customMetadata',
      'while the metadata is then that of the proxies, and they are all that ' +
        'clients are told of',
    );
  }
  for (const name of ['upstream', 'login'] as const) {
    if (authorizationServer?.[name] !== undefined) {
      refuse(
        `authorizationServer.${name}`,
        'while people log in at the provider that the options beside describe',
      );
    }
  }
  if (options.authorizationServers) {
    refuse(
      'authorizationServers',
      'while clients log in through this server and nowhere else',
    );
  }
  for (const name of ['verifier', 'provider'] as const) {
    if (options[name] !== undefined && callback !== 'direct') {
      refuse(
        name,
        'while callers come with tokens that this server issues and checks; ' +
          "guards of the application's routes see those of the provider",
      );
    }
  }
}

function providerOf(options: AuthConfig): ProxiedProvider {
  const { issuer, metadataUrl, authorizeUrl, audience } = options;
  const scopes = options.defaultScopes ?? ['openid', 'profile', 'email'];
  for (const name of ['clientId', 'clientSecret'] as const) {
    if (typeof options[name] !== 'string' || options[name].trim() === '') {
      throw new Error(
        `auth.${name} is missing, which auth.setupProxies needs. Register this ` +
          'server at the provider as a confidential client, with the redirect ' +
          `URI ${options.callback ? 'of your MCP clients' : '<issuer>/oauth/callback'}, ` +
          'and set what you get.',
      );
    }
  }
  if (issuer === undefined && metadataUrl === undefined) {
    throw new Error(
      'auth.issuer is missing: auth.setupProxies finds the provider by it, or ' +
        'by auth.metadataUrl. Set one of them.',
    );
  }
  checkUrl('issuer', issuer, /[?#]/);
  checkUrl('metadataUrl', metadataUrl, /#/);
  checkUrl('authorizeUrl', authorizeUrl, /[?#]/);
  if (
    audience !== undefined &&
    (typeof audience !== 'string' || audience === '')
  ) {
    throw new Error(
      `auth.audience is ${JSON.stringify(audience)}. With auth.setupProxies, ` +
        "write the provider's one name for this API, or leave it out.",
    );
  }
  const bad = scopes.find((scope) => !isScope(scope));
  if (bad !== undefined) {
    throw new Error(
      `auth.defaultScopes has "${bad}". Write each scope by itself, without ` +
        'spaces and quotes.',
    );
  }
  return {
    issuer,
    metadataUrl,
    authorizationEndpoint: authorizeUrl,
    clientId: options.clientId ?? '',
    clientSecret: options.clientSecret ?? '',
    audience,
    scopes,
  };
}

function checkUrl(
  name: string,
  value: string | undefined,
  forbidden: RegExp,
): void {
  if (value === undefined) {
    return;
  }
  if (hasCredentials(value)) {
    throw new Error(
      `auth.${name} has a user name or password in it. Credentials go into ` +
        'auth.clientId and auth.clientSecret.',
    );
  }
  if (!readSecureUrl(value) || forbidden.test(value)) {
    throw new Error(
      `auth.${name} is "${value}". Write an absolute https URL, without query ` +
        'and fragment; http is for loopback alone.',
    );
  }
}
