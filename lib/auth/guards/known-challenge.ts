import type { ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../access-token.js';
import type { ChallengeParameters } from './auth.challenge.js';
import type { ProtectedPlace } from './protected-places.js';

/**
 * A challenge less the scopes of operations that do not exist for the caller,
 * whom null stands for while nobody is known.
 */
export async function knownChallenge(
  challenge: ChallengeParameters | undefined,
  { auth, operations }: ProtectedPlace,
  context: ExecutionContext,
  caller: AccessToken | null,
): Promise<ChallengeParameters | undefined> {
  if (!challenge?.scopes) {
    return challenge;
  }
  const all = auth.scopes.neededBy(operations.rulesOf(context));
  const known = auth.scopes.neededBy(
    await operations.knownRulesOf(context, caller),
  );
  return {
    ...challenge,
    scopes: challenge.scopes.filter(
      (scope) => known.includes(scope) || !all.includes(scope),
    ),
  };
}
