import { loadEsModule } from '../../load-es-module.js';

type OpenidClient = typeof import('openid-client');

let loading: Promise<OpenidClient> | undefined;

/**
 * `openid-client`, an optional peer: loaded when it is first needed.
 *
 * @throws Error with the remedy where it is not installed
 */
export function loadOpenidClient(): Promise<OpenidClient> {
  loading ??= loadEsModule(
    'openid-client',
    () => import('openid-client'),
  ).catch((cause: unknown) => {
    throw new Error(
      'authorizationServer.upstream needs the package openid-client, which ' +
        'cannot be loaded. Install it: npm install openid-client',
      { cause },
    );
  });
  return loading;
}
