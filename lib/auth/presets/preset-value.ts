/**
 * Checks what a preset builds URLs from. What comes from the environment may be
 * undefined, whatever its type says.
 *
 * @throws Error where the value is no text, or has not the form
 */
export function presetValue(
  owner: string,
  name: string,
  value: unknown,
  form: RegExp,
  example: string,
): string {
  if (typeof value !== 'string' || !form.test(value)) {
    throw new Error(
      `${owner}: ${name} is ${JSON.stringify(value)}. Write it as in "${example}".`,
    );
  }
  return value;
}

/**
 * Checks a name that may be left out.
 *
 * @param isList whether it may be several
 * @throws Error where it is given and is no text, an empty one, or an empty list
 */
export function optionalName(
  owner: string,
  name: string,
  value: unknown,
  isList = false,
): void {
  const names = isList && Array.isArray(value) ? (value as unknown[]) : [value];
  const isGood =
    names.length > 0 &&
    names.every((each) => typeof each === 'string' && each !== '');
  if (value !== undefined && !isGood) {
    throw new Error(
      `${owner}: ${name} is ${JSON.stringify(value)}. Write a name` +
        `${isList ? ', or a list of names' : ''}, or leave it out.`,
    );
  }
}

/** A host name, perhaps with a port; no scheme, no path. */
export const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i;
