import { loadEsModule } from '../../load-es-module.js';

/** The package, as it is loaded. */
export type OidcProviderPackage = typeof import('oidc-provider');

/**
 * Loads the optional peer `oidc-provider`.
 *
 * @throws Error where it is not installed
 */
export async function loadOidcProvider(): Promise<OidcProviderPackage> {
  try {
    return await loadEsModule('oidc-provider', () => import('oidc-provider'));
  } catch (cause) {
    throw new Error(
      'authorizationServer needs the package oidc-provider. Install it: npm ' +
        'install oidc-provider',
      { cause },
    );
  }
}
