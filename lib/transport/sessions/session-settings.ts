import type { LegacyOptions } from '../../server/mcp-options.interface.js';
import type { SessionOptions } from '../../server/session-options.interface.js';
import {
  LONGEST_TIMEOUT,
  givenOptions,
  shown,
} from '../../options/option-values.js';

/** {@link SessionOptions} with every default in place. */
export type SessionSettings = Required<SessionOptions>;

const DEFAULTS: SessionSettings = {
  idleTimeout: 1_800_000,
  max: 10_000,
  maxPerUser: 100,
  required: false,
  retryInterval: 1000,
};

/**
 * Applies the defaults; undefined where there are to be no sessions.
 *
 * @throws Error naming the option, its value and the remedy
 */
export function resolveSessions(
  legacy: false | LegacyOptions,
): SessionSettings | undefined {
  if (legacy === false) {
    return undefined;
  }
  const { sessions: given = true } = legacy;
  if (given === false) {
    return undefined;
  }
  if (given !== true && (typeof given !== 'object' || given === null)) {
    throw new Error(
      `McpModule: legacy.sessions is ${shown(given)}. Write true, false or an object of options.`,
    );
  }
  const settings = {
    ...DEFAULTS,
    ...givenOptions(given === true ? {} : given),
  };
  checkNumber('idleTimeout', settings.idleTimeout, LONGEST_TIMEOUT);
  checkNumber('max', settings.max);
  checkNumber('maxPerUser', settings.maxPerUser);
  checkNumber('retryInterval', settings.retryInterval, LONGEST_TIMEOUT);
  if (typeof settings.required !== 'boolean') {
    throw new Error(
      `McpModule: legacy.sessions.required is ${shown(settings.required)}. Write true or false.`,
    );
  }
  return settings;
}

function checkNumber(
  option: keyof SessionOptions,
  value: number,
  limit = Number.MAX_SAFE_INTEGER,
): void {
  if (!Number.isInteger(value) || value < 1 || value > limit) {
    throw new Error(
      `McpModule: legacy.sessions.${option} is ${shown(value)}. Write a whole number from 1 to ${limit}.`,
    );
  }
}
