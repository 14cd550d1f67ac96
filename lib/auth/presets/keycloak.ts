import type { AudienceOption } from '../verifiers/audience-rule.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  type IdentityProvider,
  identityProvider,
  PERSON,
} from './identity-provider.js';
import { optionalName, presetValue } from './preset-value.js';

/** Options of {@link keycloak}. @publicApi */
export interface KeycloakOptions {
  /** URL of the server, with the path where it has one: `https://login.example.com`. */
  readonly url: string;
  readonly realm: string;
  /**
   * What `aud` must name; Keycloak puts it there by an audience mapper of the
   * client or its scope. @default the names of the server
   */
  readonly audience?: AudienceOption;
  /** Takes the roles of this client instead of the realm's. */
  readonly rolesOf?: string;
}

const KEYCLOAK_KEYS: OptionKeys<KeycloakOptions> = {
  url: true,
  realm: true,
  audience: true,
  rolesOf: true,
};

/**
 * Keycloak: the client is in `azp`, the realm's roles in `realm_access.roles`.
 * Only `typ: Bearer` is an access token.
 * Refresh tokens of a login last as long as the person's session; add the scope
 * `offline_access` for longer ones.
 *
 * @throws Error where `url` is no http(s) URL, or `realm` is empty
 * @publicApi
 */
export function keycloak(options: KeycloakOptions): IdentityProvider {
  checkOptions('keycloak(…)', options, KEYCLOAK_KEYS);
  const { url, realm, audience, rolesOf } = options;
  const example = 'https://login.example.com';
  presetValue('keycloak', 'url', url, /^https?:\/\/[^?#\s]+$/, example);
  presetValue('keycloak', 'realm', realm, /./, 'atlas');
  optionalName(
    'keycloak',
    'audience',
    audience === false ? undefined : audience,
    true,
  );
  optionalName('keycloak', 'rolesOf', rolesOf);
  const issuer = `${url.replace(/(?<!\/)\/+$/, '')}/realms/${encodeURIComponent(realm)}`;
  return identityProvider(
    {
      issuer,
      jwksUri: `${issuer}/protocol/openid-connect/certs`,
      audience,
      requiredClaims: { typ: ['Bearer'] },
      claims: {
        scopes: 'scope',
        clientId: 'azp',
        roles:
          rolesOf === undefined
            ? 'realm_access.roles'
            : `resource_access.${rolesOf}.roles`,
      },
    },
    { name: 'Keycloak', issuer, scopes: PERSON },
  );
}
