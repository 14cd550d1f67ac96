import { constants, Script } from 'node:vm';

/**
 * Loads a package that exists as an ES module alone: `load` is its `import()`.
 *
 * The CommonJS build turns that into `require()`, which Node supports and
 * Jest, before Node 24.9, refuses. There, Node's own loader takes over, so that
 * the application's tests need no configuration. The package then has other
 * `Object` and `Array` classes than the tests: it must not compare them.
 *
 * @throws what `load` throws
 */
export async function loadEsModule<T>(
  name: string,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (typeof __filename === 'undefined' || !isRefusedEsModule(error)) {
      throw error;
    }
    const importByNode = new Script('(name) => import(name)', {
      filename: __filename,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    }).runInThisContext() as (name: string) => Promise<T>;
    return importByNode(name);
  }
}

/** How to come by a package that could not be loaded. */
export function packageRemedy(name: string, error: unknown): string {
  return isRefusedEsModule(error)
    ? 'It is an ES module, which Jest cannot require from CommonJS before Node ' +
        '24.9: have it transformed (transformIgnorePatterns), or use a later Node.'
    : `Install it: npm install ${name}`;
}

/** Whether that is Jest's doing, and the tests of an application may well do without the package. */
export function isRefusedByJest(error: unknown): boolean {
  return process.env.JEST_WORKER_ID !== undefined && isRefusedEsModule(error);
}

function isRefusedEsModule(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_REQUIRE_ESM';
}

type Jose = typeof import('jose');

let loadingJose: Promise<Jose> | undefined;

/** `jose`, which is ESM-only: loaded when it is first needed, so that CommonJS applications load without it. */
export function loadJose(): Promise<Jose> {
  loadingJose ??= loadEsModule('jose', () => import('jose'));
  return loadingJose;
}

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
