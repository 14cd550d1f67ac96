import { jest } from '@jest/globals';

/** What sockets and promises need, which are no part of the time that passes. */
const REAL = [
  'hrtime',
  'nextTick',
  'queueMicrotask',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'requestIdleCallback',
  'cancelIdleCallback',
  'setImmediate',
  'clearImmediate',
] as const;

/** Stops the clock, and nothing else: timers and sockets go on. */
export function freezeTime(now: Date | number): void {
  jest.useFakeTimers({
    now,
    doNotFake: [
      ...REAL,
      'performance',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}

/** Moves a stopped clock on. */
export function passSeconds(seconds: number): void {
  jest.setSystemTime(Date.now() + seconds * 1000);
}

/**
 * Lets the clock and the timers go on as they do, until {@link passTime} moves
 * them: those that are set from now on.
 */
export function makeTimeMovable(): void {
  jest.useFakeTimers({ advanceTimers: true, doNotFake: [...REAL] });
}

/** Moves the clock on; each timer on the way runs when it is due. */
export async function passTime(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}

/** Lets the clock run again. */
export function releaseTime(): void {
  jest.useRealTimers();
}
