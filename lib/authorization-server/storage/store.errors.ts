import { randomUUID } from 'node:crypto';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { shown } from '../../options/option-values.js';

/**
 * The storage failed, or has no room left: the request can be sent again later.
 * `oidc-provider` and Koa take status and error code from these members.
 */
export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
  readonly status = 503;
  readonly statusCode = 503;
  readonly expose = true;
  readonly allow_redirect = true;
  readonly error_description =
    'The server cannot answer at the moment. Try again later.';

  /** The message is the error code of OAuth (RFC 6749, section 4.1.2.1). */
  constructor(options?: ErrorOptions) {
    super('temporarily_unavailable', options);
  }
}

/** A value is larger than a storage keeps: what was sent has to be shorter. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
  readonly status = 400;
  readonly statusCode = 400;
  readonly expose = true;
  readonly error_description = 'The request is longer than this server keeps';

  constructor() {
    super('invalid_request');
  }
}

/**
 * Milliseconds that a value may be kept: undefined for ever, 0 for not at all.
 * Storages disagree about what a lifetime of zero, a fraction or infinity
 * means, so they are not asked.
 *
 * @param lifetime seconds
 * @throws RangeError for what is no number
 */
export function toMilliseconds(
  lifetime: number | undefined,
): number | undefined {
  if (lifetime === undefined || lifetime === Infinity) {
    return undefined;
  }
  if (Number.isNaN(lifetime)) {
    throw new RangeError('A lifetime has to be a number of seconds');
  }
  return Math.max(0, Math.ceil(lifetime * 1000));
}

/** Bytes of JSON that one value may have, where no option says otherwise. */
export const MAX_ENTRY_BYTES = 131_072;

/**
 * A value as every storage keeps it: as text, so that nobody holds a reference
 * to what is kept.
 *
 * @param maxBytes bytes that it may have
 * @throws TypeError for what is no JSON, such as undefined; RecordTooLargeError
 */
export function toJsonText(value: unknown, maxBytes = MAX_ENTRY_BYTES): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`Only JSON can be kept, not ${typeof value}`);
  }
  if (Buffer.byteLength(text) > maxBytes) {
    throw new RecordTooLargeError();
  }
  return text;
}

/**
 * Writes a value as text. One whose lifetime is over is deleted: databases
 * refuse a lifetime of 0, or take it for none.
 *
 * @throws as {@link toJsonText} and {@link toMilliseconds} do
 */
export async function setText(
  store: OAuthStore,
  key: string,
  value: unknown,
  how: {
    /** Seconds. */
    readonly lifetime: number | undefined;
    readonly maxBytes: number;
    /** @param lifetime milliseconds above 0; undefined for good */
    readonly write: (text: string, lifetime?: number) => Promise<unknown>;
  },
): Promise<void> {
  const text = toJsonText(value, how.maxBytes);
  const lifetime = toMilliseconds(how.lifetime);
  await (lifetime === 0 ? store.delete(key) : how.write(text, lifetime));
}

/** @throws Error naming the storage, the option and its value */
export function checkStoreLimit(
  store: string,
  option: string,
  value: number,
): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(
      `${store}: ${option} is ${shown(value)}; give a whole number above 0`,
    );
  }
}

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
