import type { AudienceBinding } from './token-verifier.js';

/** From the weakest to the strongest. */
const ORDER: readonly AudienceBinding[] = [
  'none',
  'waived',
  'claim',
  'construction',
];

/** How tokens are bound where any of several verifiers may accept them: by the weakest. */
export function weakestBinding(
  bindings: readonly AudienceBinding[],
): AudienceBinding {
  return ORDER.find((binding) => bindings.includes(binding)) ?? 'none';
}
