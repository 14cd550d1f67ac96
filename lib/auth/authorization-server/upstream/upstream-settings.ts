import { checkUpstreamOptions } from './check-upstream-options.js';
import type {
  UpstreamAuthMethod,
  UpstreamOptions,
} from './upstream-options.interface.js';

/** Options and preset in one, with the defaults. */
export interface UpstreamSettings {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Undefined where metadata of the provider decides. */
  readonly authMethod: UpstreamAuthMethod | undefined;
  readonly scopes: readonly string[];
  /** Further parameters of authorization requests. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Milliseconds per request. */
  readonly timeout: number;
  readonly allowPrivateHosts: boolean;
  /** Undefined where it is looked for at the standard places. */
  readonly metadataUrl: string | undefined;
  /** Undefined where the metadata names it. */
  readonly authorizationEndpoint: string | undefined;
}

/** @throws Error naming the option, its value and the remedy */
export function upstreamSettings(options: UpstreamOptions): UpstreamSettings {
  checkUpstreamOptions(options);
  const { preset, issuer, metadataUrl, audience } = options;
  const scopes = options.scopes ?? preset?.scopes ?? ['openid'];
  return {
    name:
      options.name ?? preset?.name ?? new URL((issuer ?? metadataUrl)!).host,
    clientId: options.clientId,
    clientSecret: options.clientSecret,
    authMethod: options.authMethod ?? preset?.authMethod,
    scopes,
    parameters: {
      // Else offline access may be passed over (OpenID Connect Core, section 11).
      ...(!preset &&
        scopes.includes('offline_access') && { prompt: 'consent' }),
      ...preset?.parameters,
      ...(audience !== undefined && { audience }),
    },
    timeout: options.timeout ?? 5000,
    allowPrivateHosts: options.allowPrivateHosts ?? false,
    metadataUrl,
    authorizationEndpoint: options.authorizationEndpoint,
  };
}
