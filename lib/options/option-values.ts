const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A `scope-token` (RFC 6749, section 3.3). */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Reads an absolute https URL, or an http one of loopback; undefined for anything else. */
export function readSecureUrl(value: unknown): URL | undefined {
  const url =
    typeof value === 'string' && URL.canParse(value)
      ? new URL(value)
      : undefined;
  return url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
    ? url
    : undefined;
}

/** Whether a URL has a user name or a password, which have no place in one. */
export function hasCredentials(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return !!(url?.username || url?.password);
}

/** Whether a text is one scope (RFC 6749, section 3.3). */
export function isScope(text: string): boolean {
  return SCOPE.test(text);
}

/** What a value of an option may be, and how a message says so. */
export const VALUE_KINDS = {
  flag: {
    right: 'true or false',
    holds: (value: unknown) => typeof value === 'boolean',
  },
  text: { right: 'a text', holds: isText },
  name: { right: 'a text that is not empty', holds: isName },
  question: {
    right: 'true, false or a text that is not empty',
    holds: (value: unknown) => typeof value === 'boolean' || isName(value),
  },
  function: {
    right: 'a function',
    holds: (value: unknown) => typeof value === 'function',
  },
  functions: {
    right: 'a list of functions',
    holds: (value: unknown) =>
      isListOf(value, (item) => typeof item === 'function'),
  },
  enhancers: {
    right: 'a list of classes or instances',
    holds: (value: unknown) =>
      isListOf(
        value,
        (item) =>
          typeof item === 'function' ||
          (typeof item === 'object' && item !== null),
      ),
  },
  object: {
    right: 'an object',
    holds: (value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value),
  },
  texts: {
    right: 'a list of texts',
    holds: (value: unknown) => isListOf(value, isText),
  },
  classes: {
    right: 'a list of classes, or of their names',
    holds: (value: unknown) =>
      isListOf(value, (item) => typeof item === 'function' || isText(item)),
  },
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isName(value: unknown): boolean {
  return isText(value) && value !== '';
}

function isListOf(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

/** Not the value itself, which may be a secret. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (Array.isArray(value)) {
    return 'a list';
  }
  if (value === '') {
    return 'an empty text';
  }
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** A value in a message, as one would write it: `"1"` is a text, `1` a number. For values that are no secret. */
export function shown(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.slice(0, 60));
  }
  return typeof value === 'object' || typeof value === 'function'
    ? kindOf(value)
    : String(value as number | bigint | boolean | symbol | null | undefined);
}

/** Options without those given as undefined, which count as left out. */
export function givenOptions<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

/** Milliseconds: setTimeout's own limit, beyond which a timer fires at once. */
export const LONGEST_TIMEOUT = 2 ** 31 - 1;

/**
 * @param decorator that the option belongs to: `@McpTool`
 * @param origin of the operation, for the message
 * @throws Error for a timeout that is none
 */
export function checkTimeout(
  decorator: string,
  timeout: number | undefined,
  origin: string,
): void {
  if (
    timeout !== undefined &&
    (!Number.isInteger(timeout) || timeout < 1 || timeout > LONGEST_TIMEOUT)
  ) {
    throw new Error(
      `${decorator}({ timeout }) of ${origin} is ${shown(timeout)}. Write milliseconds, a whole number from 1 to ${LONGEST_TIMEOUT}.`,
    );
  }
}

/**
 * @param option as a message names it: `McpModule: secrets`
 * @throws Error for secrets that are too short to be ones; never with a secret in it
 */
export function checkSecrets(option: string, secrets: unknown): void {
  if (secrets === undefined) {
    return;
  }
  const remedy = 'Give one at least, as `openssl rand -hex 32` makes it.';
  const given: readonly unknown[] = Array.isArray(secrets) ? secrets : [];
  if (given.length === 0) {
    throw new Error(
      `${option} is ${Array.isArray(secrets) ? 'empty' : 'no list'}, and needs secrets of 32 characters. ${remedy}`,
    );
  }
  given.forEach((secret, index) => {
    if (typeof secret !== 'string' || secret.length < 32) {
      const found =
        typeof secret === 'string'
          ? `has ${secret.length} characters`
          : `is ${secret === undefined ? 'undefined' : 'no text'}`;
      throw new Error(
        `${option}[${index}] ${found}, and needs 32 characters. ${remedy}`,
      );
    }
  });
}
