import type { Call } from '../../invocation/call/call.interface.js';
import {
  currentRequest,
  type EndpointRequest,
  type RequestContext,
} from '../request/endpoint-request.js';
import { READY } from '../streams/event-stream.js';

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
  constructor(private readonly exchange: EndpointRequest | undefined) {}

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

/**
 * Sends progress to a client that asked for it (MCP, Progress): values that do
 * not grow are dropped. Undefined where it did not ask.
 */
export function progressReporter({
  mcpReq,
}: RequestContext): Call['reportProgress'] {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) {
    return undefined;
  }
  const pace = new Pace(currentRequest());
  return growing((progress, total, message) =>
    pace.report(() =>
      mcpReq.notify({
        method: 'notifications/progress',
        params: {
          progressToken,
          progress,
          ...(total !== undefined && { total }),
          ...(message !== undefined && { message }),
        },
      }),
    ),
  );
}

/** Drops values that do not grow, or that JSON does not know. */
export function growing(
  report: NonNullable<Call['reportProgress']>,
): NonNullable<Call['reportProgress']> {
  let last = Number.NEGATIVE_INFINITY;
  return (progress, total, message) => {
    if (progress > last && Number.isFinite(progress)) {
      last = progress;
      return report(progress, total, message);
    }
    return READY;
  };
}
