import { placeOf } from '../login/place-of.js';

/** Milliseconds that registrations are counted for. */
const HOUR = 3_600_000;

/** How many clients may register in an hour; false is without a limit. */
export interface RegistrationLimitOptions {
  readonly maxPerHour: number | false;
  readonly maxPerHourAndAddress: number | false;
}

/** Counts the clients that register, in this process: in total, and of one address. */
export class RegistrationLimits {
  private begunAt = -Infinity;
  private total = 0;
  private readonly byAddress = new Map<string, number>();

  constructor(private readonly limits: RegistrationLimitOptions) {}

  /**
   * Counts a registration.
   *
   * @returns seconds after which it may be tried again; undefined where it may go on
   */
  admit(address: string): number | undefined {
    const { maxPerHour, maxPerHourAndAddress } = this.limits;
    const now = Date.now();
    if (now - this.begunAt >= HOUR) {
      this.begunAt = now;
      this.total = 0;
      this.byAddress.clear();
    }
    const place = placeOf(address);
    const count = this.byAddress.get(place) ?? 0;
    if (
      (maxPerHour !== false && this.total >= maxPerHour) ||
      (maxPerHourAndAddress !== false && count >= maxPerHourAndAddress)
    ) {
      return Math.ceil((this.begunAt + HOUR - now) / 1000);
    }
    this.total += 1;
    if (maxPerHourAndAddress !== false) {
      this.byAddress.set(place, count + 1);
    }
    return undefined;
  }

  /** Takes back one that came to nothing. */
  giveBack(address: string): void {
    const place = placeOf(address);
    const count = this.byAddress.get(place);
    this.total = Math.max(0, this.total - 1);
    if (count !== undefined) {
      this.byAddress.set(place, Math.max(0, count - 1));
    }
  }
}
