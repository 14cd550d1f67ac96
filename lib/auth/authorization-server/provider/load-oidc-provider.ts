import { packageRemedy } from '../../load-es-module.js';

/** The package, as it is loaded. */
export type OidcProviderPackage = typeof import('oidc-provider');

/**
 * Loads the optional peer `oidc-provider`.
 *
 * @throws Error with the remedy where it cannot be loaded
 */
export async function loadOidcProvider(): Promise<OidcProviderPackage> {
  try {
    return await import('oidc-provider');
  } catch (cause) {
    throw new Error(
      'authorizationServer needs the package oidc-provider. ' +
        packageRemedy('oidc-provider', cause),
      { cause },
    );
  }
}
