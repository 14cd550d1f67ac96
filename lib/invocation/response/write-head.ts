import type { ServerResponse } from 'node:http';

/** The last argument of `writeHead`. */
export type HeadersArgument =
  | Readonly<Record<string, number | string | readonly string[] | undefined>>
  | readonly (number | string | readonly string[])[]
  | undefined
  | null;

/** Sets the headers given to `writeHead`, an object or a flat list, beside those set before. */
export function applyHeaders(
  response: ServerResponse,
  headers: HeadersArgument,
): void {
  if (!headers) {
    return;
  }
  const entries = Array.isArray(headers)
    ? pairs(headers as readonly unknown[])
    : Object.entries(headers);
  for (const [name, value] of entries) {
    if (value !== undefined && value !== null) {
      response.setHeader(name, value as string | number | readonly string[]);
    }
  }
}

function* pairs(flat: readonly unknown[]): Generator<[string, unknown]> {
  for (let i = 0; i + 1 < flat.length; i += 2) {
    yield [flat[i] as string, flat[i + 1]];
  }
}
