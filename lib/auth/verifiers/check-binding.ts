import type { TokenVerifier } from './token-verifier.js';

/** @throws Error where nothing tells that the verifier's tokens are meant for this server */
export function checkBinding(owner: string, verifier: TokenVerifier): void {
  if ((verifier.audienceBinding ?? 'none') === 'none') {
    throw new Error(
      `${owner}: ${verifier.constructor.name} does not tell how its tokens ` +
        'are bound to this server. Set its audience, declare its ' +
        'audienceBinding, or write audience: false to accept tokens that ' +
        'were issued for any server.',
    );
  }
}
