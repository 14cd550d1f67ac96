import type { AudienceOption } from '../verifiers/audience-rule.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  type IdentityProvider,
  identityProvider,
  PERSON,
} from './identity-provider.js';
import { HOST, optionalName, presetValue } from './preset-value.js';

/** Options of {@link okta}. @publicApi */
export interface OktaOptions {
  /** Domain of the organization: `atlas.okta.com`, or your own. */
  readonly domain: string;
  /** Id of the custom authorization server. The organization's own issues tokens for Okta alone. @default `'default'` */
  readonly authorizationServerId?: string;
  /** @default `'api://default'` for the server `default`, else the names of the server */
  readonly audience?: AudienceOption;
  /** Claim with the groups or roles, as set up at Okta. @default `'groups'` */
  readonly rolesClaim?: string;
}

const OKTA_KEYS: OptionKeys<OktaOptions> = {
  domain: true,
  authorizationServerId: true,
  audience: true,
  rolesClaim: true,
};

/**
 * Okta: scopes come as a list in `scp`, the client in `cid`.
 * Log people in at the organization's own server by its `issuer`, `https://<domain>`.
 *
 * @throws Error where `domain` is no host name
 * @publicApi
 */
export function okta(options: OktaOptions): IdentityProvider {
  checkOptions('okta(…)', options, OKTA_KEYS);
  const { domain, authorizationServerId: id = 'default' } = options;
  presetValue('okta', 'domain', domain, HOST, 'atlas.okta.com');
  presetValue('okta', 'authorizationServerId', id, /^\w+$/, 'default');
  optionalName(
    'okta',
    'audience',
    options.audience === false ? undefined : options.audience,
    true,
  );
  optionalName('okta', 'rolesClaim', options.rolesClaim);
  const issuer = `https://${domain}/oauth2/${id}`;
  const audience = id === 'default' ? 'api://default' : undefined;
  return identityProvider(
    {
      issuer,
      jwksUri: `${issuer}/v1/keys`,
      audience: options.audience ?? audience,
      algorithms: ['RS256'],
      claims: {
        scopes: 'scp',
        clientId: 'cid',
        roles: options.rolesClaim ?? 'groups',
      },
    },
    { name: 'Okta', issuer, scopes: [...PERSON, 'offline_access'] },
  );
}
