/**
 * Checks what a preset builds URLs from.
 *
 * @throws Error where the value has not the form
 */
export function presetValue(
  owner: string,
  name: string,
  value: string,
  form: RegExp,
  example: string,
): string {
  if (!form.test(value)) {
    throw new Error(
      `${owner}: ${name} is "${value}". Write it as in "${example}".`,
    );
  }
  return value;
}

/** A host name, perhaps with a port; no scheme, no path. */
export const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/i;
