import type { AudienceOption } from '../verifiers/audience-rule.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  type IdentityProvider,
  identityProvider,
  PERSON,
} from './identity-provider.js';
import { HOST, optionalName, presetValue } from './preset-value.js';

/** Options of {@link auth0}. @publicApi */
export interface Auth0Options {
  /** Domain of the tenant: `atlas.eu.auth0.com`, or your own. */
  readonly domain: string;
  /** Identifier of the API, as registered at Auth0. @default the names of the server */
  readonly audience?: AudienceOption;
  /** Claim with the roles, which an Action adds under a URL of yours. @default `roles` */
  readonly rolesClaim?: string;
}

const AUTH0_KEYS: OptionKeys<Auth0Options> = {
  domain: true,
  audience: true,
  rolesClaim: true,
};

/**
 * Auth0: the issuer ends in a slash, permissions come in `permissions`, the
 * client in `azp`.
 * Logging in there gives refresh tokens where the API that `audience` names has
 * "Allow Offline Access".
 *
 * @throws Error where `domain` is no host name
 * @publicApi
 */
export function auth0(options: Auth0Options): IdentityProvider {
  checkOptions('auth0(…)', options, AUTH0_KEYS);
  const { domain, audience, rolesClaim = 'roles' } = options;
  presetValue('auth0', 'domain', domain, HOST, 'atlas.eu.auth0.com');
  optionalName(
    'auth0',
    'audience',
    audience === false ? undefined : audience,
    true,
  );
  optionalName('auth0', 'rolesClaim', rolesClaim);
  return identityProvider(
    {
      issuer: `https://${domain}/`,
      jwksUri: `https://${domain}/.well-known/jwks.json`,
      audience,
      algorithms: ['RS256'],
      claims: {
        scopes: 'scope',
        clientId: 'azp',
        roles: rolesClaim,
        permissions: 'permissions',
      },
    },
    {
      name: 'Auth0',
      issuer: `https://${domain}/`,
      scopes: [...PERSON, 'offline_access'],
      authMethod: 'client_secret_post',
    },
  );
}
