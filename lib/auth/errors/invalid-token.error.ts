/** Why a verifier refused a token. Stable; switch on it, not on the message. @publicApi */
export type TokenRefusal =
  | 'malformed'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'kind'
  | 'binding'
  | 'claims';

const SENTENCES: Readonly<Record<TokenRefusal, string>> = {
  malformed: 'The token cannot be read',
  algorithm: 'The token is signed by an algorithm that is not allowed',
  key: 'The token names no key of its issuer, or more than one fits',
  signature: 'The signature of the token is wrong',
  expired: 'The token has expired',
  not_yet_valid: 'The token is not valid yet',
  issuer: 'The token comes from an issuer that is not trusted',
  audience: 'The token was issued for another server',
  kind: 'The token is not an access token',
  binding:
    'The token is bound to a key, and the request does not prove that its sender holds it',
  claims: 'The token lacks a claim, or has it with a wrong value',
};

/**
 * A token was refused. The message is a fixed sentence per reason, so that it
 * may be logged: it holds nothing of the token.
 *
 * @publicApi
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError';

  constructor(
    readonly reason: TokenRefusal,
    options?: ErrorOptions,
  ) {
    super(SENTENCES[reason], options);
  }
}
