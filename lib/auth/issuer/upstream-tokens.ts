/** Tokens of the identity provider, as it issued them. They never leave the server. */
export interface UpstreamTokenSet {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly scope?: string;
  /** Seconds since the epoch; undefined where the provider does not say. */
  readonly expiresAt?: number;
}

/**
 * Access tokens that the identity provider issued to the people who logged in:
 * to call its APIs, or others that trust it, on their behalf. They are kept on
 * the server, encrypted. With several servers in an application, those of the
 * server that the current caller uses.
 *
 * ```ts
 * constructor(private readonly upstream: UpstreamTokens) {}
 *
 * @Get('files')
 * @McpTool()
 * async list(@McpToken() { subject }: AccessToken) {
 *   const token = await this.upstream.get(subject);
 *   …
 * }
 * ```
 *
 * @publicApi
 */
export abstract class UpstreamTokens {
  /**
   * The access token of a person; renewed where it expires within a minute, by
   * one request however many ask.
   *
   * @param subject `sub` of the tokens that this server issues; undefined is nobody
   * @returns null where there is none, or none that can be renewed: the person
   *   has to log in again
   * @throws UpstreamUnavailableError where it has expired and the provider
   *   cannot be reached
   */
  abstract get(subject: string | undefined): Promise<string | null>;

  /** Whether there are tokens of a person; expired ones, that can perhaps be renewed, count. */
  abstract has(subject: string): Promise<boolean>;

  /** Keeps the tokens of a person, in place of earlier ones; without an identity provider, does nothing. */
  abstract put(subject: string, tokens: UpstreamTokenSet): Promise<void>;

  /** Forgets the tokens of a person. */
  abstract delete(subject: string): Promise<void>;
}
