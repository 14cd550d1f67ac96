import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { OAuthStore } from '../../auth/issuer/oauth.store.js';
import { recordKey, seal, unseal } from './sealed-value.js';
import { StoreUnavailableError } from './store.errors.js';

/** What is kept of a refresh token. */
interface RefreshRecord {
  /** Seconds since the epoch at which it was used. */
  readonly consumed?: number;
  /** Name of the answer that its use was given. */
  readonly answer?: string;
  /** Seconds since the epoch. */
  readonly exp?: number;
  readonly [member: string]: unknown;
}

/** The right to answer for a refresh token, which one request has at a time. */
export interface RefreshClaim {
  readonly id: string;
  readonly record: RefreshRecord;
  /** Milliseconds of `performance.now()`. */
  readonly since: number;
}

/** What a refresh token turned out to be. */
export type ClaimOutcome =
  | { readonly claim: RefreshClaim }
  /** It was used, a moment ago, with this answer. */
  | { readonly answer: unknown }
  /** It is unknown, or was used before. */
  | { readonly refused: true };

/** Who takes the ticket may answer; the spare one is for when its holder never did. */
const TICKET = 'ticket';
const SPARE = 'spare-ticket';

/** Milliseconds between two looks at the store: the first pause, and the longest. */
const FIRST_PAUSE = 20;
const LONGEST_PAUSE = 400;

/** Milliseconds that a holder leaves between its end and the moment at which others take over. */
const MARGIN = 3000;

/**
 * Answers for a refresh token once, however many requests bring it, in however
 * many processes: the others get the same answer, for a short time. It is in
 * the store before the first one gets it, so that nothing is lost where an
 * answer, or the process that makes it, is lost on the way. Answers are
 * encrypted with the refresh token, which the store does not know.
 */
export class RefreshAnswers {
  /**
   * @param kind keeps these records apart from others
   * @param reuseSeconds for which an answer is repeated; 0 repeats none
   * @param patience milliseconds that others wait for an answer that is being
   *   made; after that one of them makes it, and the rest waits as long again
   */
  constructor(
    private readonly store: OAuthStore,
    private readonly kind: string,
    private readonly reuseSeconds: number,
    private readonly patience = 6000,
  ) {}

  /** Keeps a refresh token that can be used once. */
  async open(
    id: string,
    record: RefreshRecord,
    lifetime: number | undefined,
  ): Promise<void> {
    await this.store.set(this.key(TICKET, id), true, lifetime);
    await this.store.set(this.key(SPARE, id), true, lifetime);
    await this.store.set(
      this.key('record', id),
      await seal(id, record),
      lifetime,
    );
  }

  async find(id: string): Promise<RefreshRecord | undefined> {
    const sealed = await this.store.get(this.key('record', id));
    return (await unseal(id, sealed)) as RefreshRecord | undefined;
  }

  /** Whether it was used so short a time ago that its answer is repeated. */
  isRepeatable({ consumed }: RefreshRecord): boolean {
    return consumed !== undefined && now() - consumed < this.reuseSeconds;
  }

  /**
   * Gets the right to answer, or the answer that somebody else has given or is
   * about to give.
   *
   * @throws StoreUnavailableError where nothing of that came about in time; the
   *   token remains what it was
   */
  async claim(id: string): Promise<ClaimOutcome> {
    const start = performance.now();
    for (let wait = FIRST_PAUSE; ; wait = Math.min(wait * 2, LONGEST_PAUSE)) {
      const since = performance.now();
      const waited = since - start;
      const isHolder =
        (await this.takes(TICKET, id)) ||
        (waited >= this.patience && (await this.takes(SPARE, id)));
      const record = await this.find(id);
      if (!record) {
        return { refused: true };
      }
      if (record.consumed !== undefined) {
        return this.outcomeOf(id, record);
      }
      if (isHolder) {
        return { claim: { id, record, since } };
      }
      if (waited >= 2 * this.patience) {
        throw new StoreUnavailableError();
      }
      await pause(wait);
    }
  }

  /**
   * Keeps the answer for those who bring the token again. Only then may it be sent.
   *
   * @param lifetime seconds for which it is known that the token was used
   * @throws StoreUnavailableError where it is not kept, or others may have taken over
   */
  async commit(
    { id, record, since }: RefreshClaim,
    answer: unknown,
    lifetime = lifetimeOf(record),
  ): Promise<void> {
    if (performance.now() - since > this.patience - MARGIN) {
      throw new StoreUnavailableError();
    }
    const name = randomBytes(9).toString('base64url');
    if (this.reuseSeconds > 0) {
      await this.store.set(
        this.key(`answer-${name}`, id),
        await seal(id, answer),
        this.reuseSeconds + 1,
      );
    }
    // In one step: it is used, and that was its answer.
    await this.store.set(
      this.key('record', id),
      await seal(id, { ...record, consumed: now(), answer: name }),
      lifetime,
    );
    // Of no use any more, and harmless where it stays.
    this.store.delete(this.key(SPARE, id)).catch(() => undefined);
  }

  /** Gives the right back where nothing was answered. */
  async giveBack({ id, record }: RefreshClaim): Promise<void> {
    await this.store
      .set(this.key(TICKET, id), true, lifetimeOf(record))
      // Then the spare ticket is there.
      .catch(() => undefined);
  }

  async remove(id: string): Promise<void> {
    for (const part of [TICKET, SPARE, 'record']) {
      await this.store.delete(this.key(part, id));
    }
  }

  private async takes(ticket: string, id: string): Promise<boolean> {
    return (await this.store.take(this.key(ticket, id))) === true;
  }

  private async outcomeOf(
    id: string,
    record: RefreshRecord,
  ): Promise<ClaimOutcome> {
    if (!this.isRepeatable(record)) {
      return { refused: true };
    }
    const key = this.key(`answer-${record.answer}`, id);
    const answer = await unseal(id, await this.store.get(key));
    return answer === undefined ? { refused: true } : { answer };
  }

  private key(part: string, id: string): string {
    return recordKey(this.kind, part, id);
  }
}

function lifetimeOf({ exp }: RefreshRecord): number | undefined {
  return exp === undefined ? undefined : Math.max(exp - now(), 1);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
