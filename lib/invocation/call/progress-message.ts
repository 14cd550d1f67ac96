/** Longer messages would not be read, and each is sent on its own. */
const MESSAGE_LENGTH = 500;

/** What a progress notification says of a value that a route or a provider emitted. */
export function progressMessage(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text?.slice(0, MESSAGE_LENGTH);
}
