import type { JSONRPCRequest } from '@modelcontextprotocol/server';

/** Entries by name, as they are in the event store. */
export type SessionState = ReadonlyMap<string, unknown>;

/** One entry; undefined removes it. */
export type StateChange = readonly [name: string, value: unknown];

/** What a client asks for that lasts for its session. */
export interface LastingRequest {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** Entry of what the client sent with `initialize`. */
export const CLIENT = 'client';

/** Entry of the instance that tells the client what it has not asked for. */
export const SPEAKER = 'speaker';

const LEVEL = 'level';
const URI = 'uri:';

/** Characters that an entry may have; a larger one stays unknown to other instances. */
const MAX_LENGTH = 16_384;

/** What a request changes once it has succeeded; undefined for most. */
export function changeOf({
  method,
  params = {},
}: Pick<JSONRPCRequest, 'method' | 'params'>): StateChange | undefined {
  switch (method) {
    case 'initialize':
      return [CLIENT, params];
    case 'logging/setLevel':
      return [LEVEL, params['level']];
    case 'resources/subscribe':
      return [`${URI}${String(params['uri'])}`, true];
    case 'resources/unsubscribe':
      return [`${URI}${String(params['uri'])}`, undefined];
    default:
      return undefined;
  }
}

export function isTooLarge([name, value]: StateChange): boolean {
  return name.length + (JSON.stringify(value)?.length ?? 0) > MAX_LENGTH;
}

/** The requests that make of one state another, but for `initialize`. */
export function requestsBetween(
  known: SessionState,
  latest: SessionState,
): LastingRequest[] {
  const requests: LastingRequest[] = [];
  for (const name of new Set([...known.keys(), ...latest.keys()])) {
    const value = latest.get(name);
    if (name === LEVEL && value !== known.get(name) && value !== undefined) {
      requests.push({ method: 'logging/setLevel', params: { level: value } });
    } else if (name.startsWith(URI) && latest.has(name) !== known.has(name)) {
      requests.push({
        method: `resources/${latest.has(name) ? '' : 'un'}subscribe`,
        params: { uri: name.slice(URI.length) },
      });
    }
  }
  return requests;
}
