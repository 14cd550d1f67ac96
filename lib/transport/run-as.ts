import type { AccessToken } from '../auth/access-token.js';
import { runDetached } from '../auth/context/request-context.js';
import type { ServerAuth } from '../auth/guards/server-auth.js';

/**
 * Runs code as this caller, whoever's request is being served:
 * `getAccessToken()` and `assertScopes()` know no other.
 */
export function runAs<T>(
  auth: ServerAuth,
  token: AccessToken | null,
  serve: () => T,
): T {
  return runDetached(() => {
    auth.noteCaller(token);
    return serve();
  });
}
