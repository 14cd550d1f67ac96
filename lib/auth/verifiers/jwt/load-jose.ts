import { loadEsModule } from '../../load-es-module.js';

type Jose = typeof import('jose');

let loadingJose: Promise<Jose> | undefined;

/** `jose`, which is ESM-only: loaded when it is first needed, so that CommonJS applications load without it. */
export function loadJose(): Promise<Jose> {
  loadingJose ??= loadEsModule('jose', () => import('jose'));
  return loadingJose;
}
