import { sameResource } from '../../../comparable-resource.js';
import type { ProxiedProvider } from '../proxied-options.js';
import { OAuthRefusal } from '../../endpoints/oauth.refusal.js';

/**
 * What `resource` (RFC 8707) is to the provider: the client's own, as MCP has
 * clients send it, unless `audience` says that the provider has another name for
 * this API. Providers that take both refuse them together or prefer `resource`,
 * which they do not know.
 *
 * @throws OAuthRefusal where it is the name of another server
 */
export function resourcesToSend(
  asked: readonly string[],
  known: readonly string[],
  { audience }: ProxiedProvider,
): readonly string[] {
  const named = asked.map((name) => sameResource(known, name));
  const served = named.filter((name) => name !== undefined);
  if (served.length < named.length) {
    throw new OAuthRefusal('invalid_target', 'resource is not served here');
  }
  return audience === undefined ? [...new Set(served)] : [];
}
