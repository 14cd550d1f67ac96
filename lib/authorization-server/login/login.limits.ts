import { createHash } from 'node:crypto';
import type { LoginLimitOptions } from '../../auth/issuer/authorization-server-options.interface.js';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';

/** What is counted, and what happens when there is too much of it. */
interface FailureRule {
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

/** Seconds for which it is known where an account was logged in to from. */
const KNOWN_FOR = 90 * 24 * 60 * 60;

/** Who tries to log in as whom. */
interface LoginOrigin {
  readonly account: string;
  readonly address: string;
}

/** Slows down guessing: of one account, from one address, and from one at the other. */
export class LoginLimits {
  private readonly byBoth: FailureCount;
  private readonly byAccount: FailureCount;
  private readonly byAddress: FailureCount;

  constructor(
    private readonly store: OAuthStore,
    limits: Required<LoginLimitOptions>,
  ) {
    const { maxFailures, maxFailuresPerAccount, maxFailuresPerAddress } =
      limits;
    const { window } = limits;
    this.byBoth = new FailureCount(store, {
      name: 'login',
      free: maxFailures,
      longestWait: 300,
      window,
    });
    this.byAccount = new FailureCount(store, {
      name: 'account',
      free: maxFailuresPerAccount,
      longestWait: 30,
      window,
    });
    this.byAddress = new FailureCount(store, {
      name: 'address',
      free: maxFailuresPerAddress,
      longestWait: 30,
      window,
    });
  }

  /**
   * Counts an attempt as a failure until it is forgiven.
   *
   * @returns seconds to wait; 0 where the attempt may be made
   */
  async admit(origin: LoginOrigin): Promise<number> {
    const { account, address } = origin;
    const both = bothOf(origin);
    const wait = await this.byBoth.admit(both);
    if (wait > 0) {
      return wait;
    }
    const addressWait = await this.byAddress.admit(address);
    if (addressWait > 0) {
      await this.byBoth.forgive(both);
      return addressWait;
    }
    const accountWait = await this.byAccount.admit(account);
    if (accountWait > 0 && !(await this.isKnown(both))) {
      await this.byBoth.forgive(both);
      await this.byAddress.forgive(address);
      return accountWait;
    }
    return 0;
  }

  /** Takes back an attempt that nobody judged. */
  async forgive(origin: LoginOrigin): Promise<void> {
    await Promise.all([
      this.byBoth.forgive(bothOf(origin)),
      this.byAccount.forgive(origin.account),
      this.byAddress.forgive(origin.address),
    ]);
  }

  /** Takes back an attempt that was right, and with it what was wrong before it. */
  async succeed(origin: LoginOrigin): Promise<void> {
    const both = bothOf(origin);
    await Promise.all([
      this.byBoth.forget(both),
      this.byAccount.forgive(origin.account),
      this.byAddress.forgive(origin.address),
      this.store.set(knownKey(both), true, KNOWN_FOR),
    ]);
  }

  private async isKnown(both: string): Promise<boolean> {
    return (await this.store.get(knownKey(both))) !== undefined;
  }
}

function bothOf({ account, address }: LoginOrigin): string {
  return JSON.stringify([account, address]);
}

function knownKey(both: string): string {
  return `login-from:${createHash('sha256').update(both).digest('base64url')}`;
}
