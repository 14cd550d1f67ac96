import { packageRemedy } from '../../load-es-module.js';

type OpenidClient = typeof import('openid-client');

let loadingClient: Promise<OpenidClient> | undefined;

/**
 * `openid-client`, an optional peer: loaded when it is first needed.
 *
 * @throws Error with the remedy where it cannot be loaded
 */
export function loadOpenidClient(): Promise<OpenidClient> {
  loadingClient ??= import('openid-client').catch((cause: unknown) => {
    throw new Error(
      'authorizationServer.upstream needs the package openid-client, which ' +
        `cannot be loaded. ${packageRemedy('openid-client', cause)}`,
      { cause },
    );
  });
  return loadingClient;
}
