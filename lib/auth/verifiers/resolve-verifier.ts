import type { ModuleRef } from '@nestjs/core';
import { refuseIncomplete } from '../../nest/contract-faults.js';
import { findContract, findOrCreate } from '../../nest/contracts.js';
import type { McpAuthOptions } from '../auth-options.interface.js';
import { checkAudience } from './audience-rule.js';
import { JwtTokenVerifier } from './jwt/jwt-token.verifier.js';
import { isVerifier, TokenVerifier } from './token-verifier.js';

const VERIFIER_METHODS = ['verify', 'prepare'] as const;

/**
 * Makes the verifier of a server ready.
 *
 * @param standsForAnother tells providers that are none of the application's
 * @throws Error where there is none, or where it takes tokens that were issued
 * for other servers without `audience: false` saying so
 */
export async function resolveVerifier(
  given: Exclude<McpAuthOptions['verifier'], false>,
  modules: ModuleRef,
  standsForAnother?: (provided: unknown) => boolean,
): Promise<TokenVerifier> {
  const verifier = await findVerifier(given, modules, standsForAnother);
  refuseIncomplete('auth.verifier', verifier, ['verify']);
  checkAudience('auth.verifier', verifier);
  refuseIncomplete('auth.verifier', verifier, VERIFIER_METHODS);
  await verifier.prepare();
  return verifier;
}

async function findVerifier(
  given: Exclude<McpAuthOptions['verifier'], false>,
  modules: ModuleRef,
  standsForAnother?: (provided: unknown) => boolean,
): Promise<TokenVerifier> {
  if (given === undefined) {
    const found = findContract(
      modules,
      TokenVerifier,
      VERIFIER_METHODS,
      'auth.verifier',
      standsForAnother,
    );
    if (!found) {
      throw new Error(
        'auth has no verifier, and the application provides no TokenVerifier. ' +
          'Set auth.verifier to an issuer of JWTs, such as { issuer: ' +
          '"https://login.example.com" }, or to a verifier.',
      );
    }
    return found;
  }
  if (typeof given === 'function') {
    return findOrCreate(modules, given, 'auth.verifier');
  }
  return isVerifier(given) ? given : new JwtTokenVerifier(given);
}
