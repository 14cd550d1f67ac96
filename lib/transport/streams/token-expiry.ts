import type { AccessToken } from '../../auth/access-token.js';
import { LONGEST_TIMEOUT } from '../../timeout.js';

/** Milliseconds between two looks, while the clock tolerance lasts. */
const SHORTEST_TIMEOUT = 500;

/**
 * Calls back when the token has expired, never where it does not expire. Does
 * not keep the process alive.
 *
 * @returns ends the wait
 */
export function whenExpired(
  token: AccessToken | null,
  onExpired: () => void,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const expiresAt = token?.expiresAt?.getTime();
  if (!token || expiresAt === undefined) {
    return () => undefined;
  }
  const wait = (): void => {
    if (token.isExpired()) {
      onExpired();
      return;
    }
    const rest = Math.max(expiresAt - Date.now(), SHORTEST_TIMEOUT);
    timer = setTimeout(wait, Math.min(rest, LONGEST_TIMEOUT)).unref();
  };
  // An exact first shot, as most verifiers have no tolerance.
  const first = Math.min(Math.max(expiresAt - Date.now(), 0), LONGEST_TIMEOUT);
  timer = setTimeout(wait, first).unref();
  return () => clearTimeout(timer);
}
