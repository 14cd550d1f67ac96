/**
 * The provider answers, but must not send its codes to clients directly, or
 * cannot. The message is for the log and for start-up alone.
 */
export class UnsuitableProviderError extends Error {
  override readonly name = 'UnsuitableProviderError';

  /** @param found what was found, as a sentence without its full stop */
  constructor(issuer: string, found: string) {
    super(
      `auth.callback is "direct", which the provider "${issuer}" is not fit ` +
        `for: ${found}. Leave out auth.callback: then auth.setupProxies has ` +
        'codes come to this server, which suits every provider.',
    );
  }
}
