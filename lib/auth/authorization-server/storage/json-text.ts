/**
 * A value as every storage keeps it: as text, so that nobody holds a reference
 * to what is kept.
 *
 * @throws TypeError for what is no JSON, such as undefined
 */
export function toJsonText(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) {
    throw new TypeError(`Only JSON can be kept, not ${typeof value}`);
  }
  return text;
}
