/** Who an event is about, as far as it is known. Never the token. */
export interface EventSubject {
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly issuer: string | undefined;
}

/**
 * Something that happened at the door, or behind it.
 *
 * @publicApi
 */
export type McpSecurityEvent =
  /** A token was accepted. */
  | ({ readonly type: 'authenticated' } & EventSubject)
  /** Nobody was let in: no token, a bad one, or one that could not be judged. */
  | {
      readonly type: 'refused';
      readonly status: number;
      /** The OAuth error code that was answered. */
      readonly error: string;
    }
  /** A good token lacked scopes. */
  | ({
      readonly type: 'scope_missing';
      readonly scopes: readonly string[];
    } & EventSubject)
  /** A tool was called. */
  | ({
      readonly type: 'call';
      readonly tool: string;
      /** Milliseconds. */
      readonly duration: number;
      readonly outcome: 'success' | 'error' | 'refused';
      /** SHA-256 of the arguments as JSON, in hexadecimal: equal calls are told by it, values are not. */
      readonly argumentsDigest: string;
    } & EventSubject);
