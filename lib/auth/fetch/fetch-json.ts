import { GuardedFetchError } from './url-trust.js';
import { guardedFetch, type GuardedRequest } from './guarded-fetch.js';

/** A JSON object as it was parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with members, neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Fetches a JSON object with status 200; nothing else will do.
 *
 * @throws GuardedFetchError
 */
export async function fetchJson(
  url: string,
  request: GuardedRequest,
): Promise<JsonObject> {
  const { status, body } = await guardedFetch(url, {
    ...request,
    headers: { accept: 'application/json', ...request.headers },
  });
  const { origin } = new URL(url);
  if (status !== 200) {
    throw new GuardedFetchError('status', `${origin} answered ${status}`, {
      status,
    });
  }
  const document = parseJson(body);
  if (!isJsonObject(document)) {
    throw new GuardedFetchError('content', `${origin} sent no JSON object`);
  }
  return document;
}

/** The JSON value in `text`, or undefined where there is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
