import { VerifierUnavailableError } from '../../errors/verifier-unavailable.error.js';

/**
 * The issuer answers, but not with metadata that may be used: a mistake in the
 * configuration, or at the issuer, that trying again does not mend.
 */
export class IssuerDiscoveryError extends VerifierUnavailableError {
  override readonly name = 'IssuerDiscoveryError';
}
