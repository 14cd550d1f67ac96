/** Longer messages would not be read, and each is sent on its own. */
const MESSAGE_LENGTH = 500;

/** What a progress notification says of a value that a route or a provider emitted. */
export function progressMessage(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : jsonOf(value);
  return text?.slice(0, MESSAGE_LENGTH);
}

/** Undefined for what has no JSON: the call itself tells of it. */
function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
