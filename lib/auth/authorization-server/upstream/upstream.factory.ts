import { OAuthUpstream } from './oauth.upstream.js';
import { OpenIdUpstream } from './openid.upstream.js';
import type { UpstreamOptions } from './upstream-options.interface.js';
import { upstreamSettings } from './upstream-settings.js';
import type { UpstreamProvider } from './upstream.provider.js';

/**
 * The identity provider that the options name.
 *
 * @throws Error naming the option, its value, unless it is secret, and the remedy
 */
export function createUpstream(options: UpstreamOptions): UpstreamProvider {
  const settings = upstreamSettings(options);
  const { issuer, preset } = options;
  return preset?.oauth
    ? new OAuthUpstream(settings, preset.oauth)
    : new OpenIdUpstream(settings, issuer ?? preset?.issuer);
}
