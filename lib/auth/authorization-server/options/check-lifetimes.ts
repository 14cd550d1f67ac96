import type { LifetimeOptions } from './authorization-server-options.interface.js';

/** Seconds: revoked grants are remembered for that long. */
const LONGEST = 400 * 24 * 60 * 60;

/** @throws Error naming the option, its value and the remedy */
export function checkLifetimes(lifetimes: Required<LifetimeOptions>): void {
  for (const [name, seconds] of Object.entries(lifetimes)) {
    const least = name === 'consent' ? 0 : 1;
    if (
      !Number.isSafeInteger(seconds) ||
      seconds < least ||
      seconds > LONGEST
    ) {
      throw new Error(
        `authorizationServer.lifetimes.${name} is ${seconds}. Write whole ` +
          `seconds, at least ${least} and at most ${LONGEST} (400 days).`,
      );
    }
  }
}
