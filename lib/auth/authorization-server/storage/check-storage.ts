import { randomUUID } from 'node:crypto';
import type { OAuthStore } from './oauth.store.js';

/** Seconds after which what a check leaves behind is gone. */
const CHECK_LIFETIME = 60;

/**
 * Tries at start-up what protects against replay: a value can be read, is
 * taken once, and is gone then.
 *
 * @throws Error telling what the storage does not do
 */
export async function checkStorage(store: OAuthStore): Promise<void> {
  const key = `check:${randomUUID()}`;
  await store.set(key, { check: key }, CHECK_LIFETIME);
  const read = await store.get(key);
  if ((read as { check?: unknown } | undefined)?.check !== key) {
    throw new Error('it does not return what was written');
  }
  const taken = await Promise.all([store.take(key), store.take(key)]);
  if (taken.filter((value) => value !== undefined).length !== 1) {
    throw new Error('of two that take a value, not exactly one gets it');
  }
  if ((await store.get(key)) !== undefined) {
    throw new Error('it still holds what was taken');
  }
  const sums = await Promise.all(
    [1, 2].map(() => store.add(key, 1, CHECK_LIFETIME)),
  );
  if (Math.max(...sums) !== 2) {
    throw new Error('it does not add up what is added at once');
  }
  await store.delete(key);
}
