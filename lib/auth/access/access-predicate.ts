import type { AccessToken } from '../access-token.js';

/**
 * Decides on one call: `true` lets it through, and nothing else does. The token
 * is null for an anonymous call of a public tool.
 *
 * @publicApi
 */
export type AccessPredicate = (
  token: AccessToken | null,
  args: Readonly<Record<string, unknown>>,
) => boolean | Promise<boolean>;
