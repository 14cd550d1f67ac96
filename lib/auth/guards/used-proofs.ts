import { VerifierUnavailableError } from '../errors/verifier-unavailable.error.js';

/**
 * Proofs that were used, each for as long as it could be used again. It is of
 * one process: behind a load balancer, a proof can be used once in each.
 */
export class UsedProofs {
  private readonly expiries = new Map<string, number>();

  /**
   * @param ttl seconds for which a proof is remembered
   * @param maxEntries how many at most, so that nobody can fill the memory
   */
  constructor(
    private readonly ttl: number,
    private readonly maxEntries = 100_000,
  ) {}

  /**
   * Notes that a proof is used.
   *
   * @returns false where it was used before
   * @throws VerifierUnavailableError where there is no room to remember it:
   *   forgetting another one would let that be replayed
   */
  use(key: string): boolean {
    const now = Date.now();
    this.forget(now);
    if (this.expiries.has(key)) {
      return false;
    }
    if (this.expiries.size >= this.maxEntries) {
      throw new VerifierUnavailableError('Too many DPoP proofs at once');
    }
    this.expiries.set(key, now + this.ttl * 1000);
    return true;
  }

  /** All live equally long, so the oldest come first. */
  private forget(now: number): void {
    for (const [key, expiry] of this.expiries) {
      if (expiry > now) {
        return;
      }
      this.expiries.delete(key);
    }
  }
}
