/** A request is refused, in OAuth's own form (RFC 6749, sections 4.1.2.1 and 5.2). */
export class OAuthRefusal extends Error {
  override readonly name = 'OAuthRefusal';

  /**
   * @param code `error` of the answer
   * @param description for developers of clients; nothing internal
   */
  constructor(
    readonly code: string,
    readonly description: string,
    readonly status = 400,
  ) {
    super(`${code}: ${description}`);
  }
}
