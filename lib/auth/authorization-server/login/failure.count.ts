import { createHash } from 'node:crypto';
import type { OAuthStore } from '../storage/oauth.store.js';

/** What is counted, and what happens when there is too much of it. */
export interface FailureRule {
  /** Of what failures are counted: part of the key. */
  readonly name: string;
  /** Failures that have no consequence. */
  readonly free: number;
  /** Seconds between attempts, at most: 1 after the free ones, doubled by each further failure. */
  readonly longestWait: number;
  /** Seconds after the first failure that all are forgotten. */
  readonly window: number;
}

/**
 * Counts failures in the storage, so that several instances count together, and
 * spaces further attempts. Nobody is locked out: one attempt is let through in
 * each wait, whoever makes it.
 */
export class FailureCount {
  constructor(
    private readonly store: OAuthStore,
    private readonly rule: FailureRule,
  ) {}

  /**
   * Counts an attempt as a failure until it is forgiven, as others may be made
   * at the same time.
   *
   * @returns seconds to wait; 0 where the attempt may be made
   */
  async admit(id: string): Promise<number> {
    const wait = await this.waitAfter(id, 1);
    if (wait > 0) {
      await this.forgive(id);
    }
    return wait;
  }

  /**
   * As {@link admit}, for an attempt that is known to be no failure.
   *
   * @returns seconds to wait; 0 where the attempt may be made
   */
  waitOf(id: string): Promise<number> {
    return this.waitAfter(id, 0);
  }

  /** Takes back one that was no failure, or was not made. */
  async forgive(id: string): Promise<void> {
    await this.store.add(this.key(id), -1, this.rule.window);
  }

  /** Forgets all failures. */
  async forget(id: string): Promise<void> {
    await this.store.delete(this.key(id));
  }

  private async waitAfter(id: string, failed: number): Promise<number> {
    const { free, longestWait, window } = this.rule;
    const key = this.key(id);
    const failures = await this.store.add(key, failed, window);
    if (failures <= free) {
      return 0;
    }
    const wait = Math.min(2 ** (failures - free - 1), longestWait);
    return (await this.store.add(`${key}:turn`, 1, wait)) === 1 ? 0 : wait;
  }

  private key(id: string): string {
    const digest = createHash('sha256').update(id).digest('base64url');
    return `failures:${this.rule.name}:${digest}`;
  }
}
