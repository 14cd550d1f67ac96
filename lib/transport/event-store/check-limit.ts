import { shown } from '../../options/option-keys.js';

/**
 * Checks an option of a store.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function checkLimit(store: string, option: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new Error(
      `${store}: ${option} is ${shown(value)}. Write a whole number above 0.`,
    );
  }
}
