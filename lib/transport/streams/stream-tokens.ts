import { Logger } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import {
  getAccessToken,
  identityOf,
  withoutRequest,
} from '../../auth/context/request-context.js';
import type { RequestWithHeaders } from '../../auth/credentials/auth.provider.js';
import type { ServerAuth } from '../../auth/server/server-auth.js';
import type { AccessToken } from '../../auth/token/access-token.js';
import { VerifierUnavailableError } from '../../auth/token/token.errors.js';
import { LONGEST_TIMEOUT } from '../../options/option-values.js';

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

/** Seconds between two verifications of the token of an open stream. */
const DEFAULT_INTERVAL = 60;

/** Verifications under way at once, however many are due. */
const MAX_RUNNING = 10;

/** Milliseconds that one may take before it counts as an outage. */
const TIMEOUT = 30_000;

/** Intervals without an answer about a token after which its streams end. */
const OUTAGE_LIMIT = 5;

/** The open streams of one token. */
interface Listener {
  /** The latest of its requests. */
  request: RequestWithHeaders;
  token: AccessToken;
  /** When it was last known to hold, by the process's own clock. */
  confirmed: number;
  /** When it is to be verified again; Infinity while that is under way. */
  due: number;
  readonly ends: Set<() => void>;
}

/**
 * Ends the streams that stay open on the strength of a token once it does not
 * hold any longer: when it expires, and when its verifier says no. Streams of
 * one token share a verification, and all share one timer.
 */
export class StreamTokens {
  private readonly logger = new Logger('McpEndpoint');
  /** By `Authorization` header, or by request; the next that is due comes first. */
  private readonly listeners = new Map<unknown, Listener>();
  private timer: NodeJS.Timeout | undefined;
  private running = 0;

  constructor(private readonly auth: ServerAuth) {}

  /** Watches the token of the request being served for as long as its response is open. */
  follow(request: RequestWithHeaders, response: ServerResponse): void {
    const token = getAccessToken();
    if (!token) {
      return;
    }
    const end = (): void => void response.end();
    const stopWaiting = whenExpired(token, end);
    const stopWatching = this.watch(request, token, end);
    response.once('close', () => {
      stopWaiting();
      stopWatching();
    });
  }

  private get interval(): number {
    const { recheckStreamsAfter = DEFAULT_INTERVAL } = this.auth.settings;
    return recheckStreamsAfter === false
      ? Infinity
      : recheckStreamsAfter * 1000;
  }

  private watch(
    request: RequestWithHeaders,
    token: AccessToken,
    end: () => void,
  ): () => void {
    if (this.interval === Infinity || !this.auth.verifiesTokens) {
      return () => undefined;
    }
    const key = keyOf(request, token);
    const confirmed = performance.now();
    const listener = this.listeners.get(key) ?? {
      request,
      token,
      confirmed,
      due: 0,
      ends: new Set(),
    };
    if (rightsOf(listener.token) !== rightsOf(token)) {
      // It has other rights by now than the streams were opened with.
      const earlier = [...listener.ends];
      listener.ends.clear();
      earlier.forEach((endEarlier) => endEarlier());
      this.listeners.set(key, listener);
    }
    // The guard has just verified it.
    Object.assign(listener, { request, token, confirmed });
    listener.ends.add(end);
    if (listener.due !== Infinity) {
      this.place(key, listener, confirmed + this.interval);
    }
    this.schedule();
    return () => {
      listener.ends.delete(end);
      if (listener.ends.size === 0 && this.listeners.get(key) === listener) {
        this.listeners.delete(key);
      }
    };
  }

  private place(key: unknown, listener: Listener, due: number): void {
    listener.due = due;
    this.listeners.delete(key);
    this.listeners.set(key, listener);
  }

  /** Outside the request being served, which must not be kept for it. */
  private schedule(): void {
    const [next] = this.listeners.values();
    if (!next || next.due === Infinity || this.running >= MAX_RUNNING) {
      return;
    }
    const rest = Math.max(next.due - performance.now(), 0);
    this.timer ??= withoutRequest(() =>
      setTimeout(() => this.checkDue(), rest).unref(),
    );
  }

  private checkDue(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const [key, listener] of this.listeners) {
      if (listener.due > now || this.running >= MAX_RUNNING) {
        break;
      }
      void this.check(key, listener);
    }
    this.schedule();
  }

  private async check(key: unknown, listener: Listener): Promise<void> {
    this.running += 1;
    this.place(key, listener, Infinity);
    const holds = await this.holds(listener);
    this.running -= 1;
    if (this.listeners.get(key) === listener) {
      if (holds) {
        this.place(key, listener, performance.now() + this.interval);
      } else {
        this.listeners.delete(key);
        this.logger.debug('A token does not hold any longer: its streams end');
        listener.ends.forEach((end) => end());
      }
    }
    this.schedule();
  }

  /** An outage is borne for a while, as a stream would otherwise end with each. */
  private async holds(listener: Listener): Promise<boolean> {
    const { request, token } = listener;
    try {
      const verified = await inTime(this.auth.recheck(request));
      listener.confirmed = performance.now();
      return verified !== null && rightsOf(verified) === rightsOf(token);
    } catch (error) {
      const silence = performance.now() - listener.confirmed;
      return (
        VerifierUnavailableError.is(error) &&
        silence < this.interval * OUTAGE_LIMIT
      );
    }
  }
}

/** Requests with one `Authorization` have one token, where that is what was read of them. */
function keyOf(request: RequestWithHeaders, { token }: AccessToken): unknown {
  const { authorization } = request.headers;
  return token !== '' && authorization?.endsWith(` ${token}`)
    ? authorization
    : request;
}

/** What a stream was opened with: who gained or lost rights opens another. */
function rightsOf(token: AccessToken): string {
  const { scopes, roles, permissions } = token;
  return JSON.stringify([
    identityOf(token),
    ...[scopes, roles, permissions].map((names) => [...names].sort()),
  ]);
}

async function inTime<T>(verification: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new VerifierUnavailableError('No answer about a token')),
      TIMEOUT,
    ).unref();
  });
  try {
    return await Promise.race([verification, late]);
  } finally {
    clearTimeout(timer);
  }
}
