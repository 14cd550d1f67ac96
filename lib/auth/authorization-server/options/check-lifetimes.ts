import type { LifetimeOptions } from './authorization-server-options.interface.js';
import { shown } from '../../../options/option-keys.js';

/** Seconds: revoked grants are remembered for that long. */
const LONGEST = 400 * 24 * 60 * 60;

/** Seconds: a copied refresh token goes unnoticed for that long. */
const LONGEST_REUSE = 300;

/** What may be 0, for never. */
const CAN_BE_ZERO = ['consent', 'refreshTokenReuse'];

/** @throws Error naming the option, its value and the remedy */
export function checkLifetimes(lifetimes: Required<LifetimeOptions>): void {
  for (const [name, seconds] of Object.entries(lifetimes)) {
    const least = CAN_BE_ZERO.includes(name) ? 0 : 1;
    const most = name === 'refreshTokenReuse' ? LONGEST_REUSE : LONGEST;
    if (!Number.isSafeInteger(seconds) || seconds < least || seconds > most) {
      throw new Error(
        `authorizationServer.lifetimes.${name} is ${shown(seconds)}. Write whole ` +
          `seconds, at least ${least} and at most ${most}` +
          `${most === LONGEST ? ' (400 days)' : ''}.`,
      );
    }
  }
}
