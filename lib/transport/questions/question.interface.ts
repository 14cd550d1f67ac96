import type { InputRequest } from '@modelcontextprotocol/server';

/** Something only the client, or the person in front of it, can answer. */
export interface Question<T> {
  /** Tells it from the others of the call, run after run. */
  readonly key: string;
  readonly request: InputRequest;
  /** The answer as the caller wants it; undefined for one that does not fit. */
  readonly read: (response: unknown) => T | undefined;
}
