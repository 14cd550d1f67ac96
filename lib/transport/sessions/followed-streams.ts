import type { EventStore } from '../event-store/event.store.js';
import { currentExchange } from '../exchange.js';
import { READY } from '../streams/outlet.js';
import { endingWith } from '../streams/ending-body.js';
import { followStream } from '../streams/stream.follower.js';
import type { SessionCaller } from './session-caller.js';
import { noRoom, sessionNotFound } from './session-refusals.js';

/** Streams of other instances that clients have resumed here; so many of one caller. */
export class FollowedStreams {
  private readonly closing = new AbortController();
  /** How many are open, by quota. */
  private readonly open = new Map<string, number>();

  constructor(
    private readonly store: () => EventStore,
    private readonly maxPerUser: number,
  ) {}

  async follow(
    session: string,
    after: string,
    { owner, quota }: SessionCaller,
    request: Request,
  ): Promise<Response> {
    if ((this.open.get(quota) ?? 0) >= this.maxPerUser) {
      return noRoom('user');
    }
    this.count(quota, 1);
    const end = (): void => this.count(quota, -1);
    try {
      const signal = AbortSignal.any([request.signal, this.closing.signal]);
      const exchange = currentExchange();
      const stream = {
        session,
        owner,
        after,
        limit: exchange?.maxUnreadBytes ?? Infinity,
        drained: () => exchange?.outlet?.drained() ?? READY,
      };
      const response = await followStream(this.store(), stream, signal);
      if (response) {
        return endingWith(response, signal, end);
      }
    } catch (error) {
      end();
      throw error;
    }
    end();
    return sessionNotFound();
  }

  close(): void {
    this.closing.abort();
  }

  private count(quota: string, change: 1 | -1): void {
    const count = (this.open.get(quota) ?? 0) + change;
    if (count > 0) {
      this.open.set(quota, count);
    } else {
      this.open.delete(quota);
    }
  }
}
