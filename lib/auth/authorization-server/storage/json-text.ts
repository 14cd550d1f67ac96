import { RecordTooLargeError } from './store.errors.js';
import { shown } from '../../../options/option-keys.js';

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
