import type { McpAuthModuleOptions } from '../../auth-options.interface.js';
import type { CompatibilityOptions } from './compatibility-options.interface.js';

/** The other options, as the compatibility options mean them. */
export type PlainOptions = Omit<
  McpAuthModuleOptions,
  Exclude<keyof CompatibilityOptions, 'audience'>
>;

/** Everything that only the translation understands is gone. */
export function withoutCompatibility({
  customMetadata: _customMetadata,
  setupProxies: _setupProxies,
  callback: _callback,
  metadataUrl: _metadataUrl,
  authorizeUrl: _authorizeUrl,
  defaultScopes: _defaultScopes,
  metadataPath: _metadataPath,
  enforce: _enforce,
  ...options
}: McpAuthModuleOptions): PlainOptions {
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
