import type { Exchange } from '../exchange.js';
import { READY } from './outlet.js';

/** Bytes under way where no exchange has a limit: on stdio. */
const DEFAULT_LIMIT = 524_288;

/** Progress notifications under way, beyond which only the latest is kept. */
const MAX_REPORTS = 64;

/**
 * Log messages and progress of one call: they wait for a client that reads
 * slowly, and what has no room is left out, as nothing depends on it.
 */
export class Pace {
  private underWay = 0;
  private reports = 0;
  private latest: (() => Promise<void>) | undefined;

  /** @param exchange that the call came with; undefined on stdio */
  constructor(private readonly exchange: Exchange | undefined) {}

  /**
   * Sends a log message.
   *
   * @returns resolves when there is room for the next; never rejects
   */
  async log(size: number, send: () => Promise<void>): Promise<void> {
    const limit = this.exchange?.maxUnreadBytes ?? DEFAULT_LIMIT;
    const outlet = this.exchange?.outlet;
    if (this.underWay > limit / 2 || (outlet?.isCrowded && !outlet.isEndable)) {
      return;
    }
    this.underWay += size;
    await send().catch(() => undefined);
    this.underWay -= size;
    await this.drained();
  }

  /** Sends progress; of many reports that have no room, the latest. Never rejects. */
  async report(send: () => Promise<void>): Promise<void> {
    if (this.reports >= MAX_REPORTS) {
      this.latest = send;
      return;
    }
    this.reports += 1;
    await send().catch(() => undefined);
    await this.drained();
    this.reports -= 1;
    const { latest } = this;
    this.latest = undefined;
    if (latest) {
      void this.report(latest);
    }
  }

  private drained(): Promise<void> {
    return this.exchange?.outlet?.drained() ?? READY;
  }
}
