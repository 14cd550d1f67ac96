import { HOST, presetValue } from '../../auth/presets/preset-value.js';
import type { UpstreamPreset } from '../../auth/issuer/upstream-options.interface.js';
import { checkOptions } from '../../options/option-keys.js';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const PERSON = ['openid', 'profile', 'email'];

/**
 * Google. It gives refresh tokens only with `access_type=offline`, and again
 * only with `prompt=consent`.
 *
 * @publicApi
 */
export function googleLogin(): UpstreamPreset {
  return {
    name: 'Google',
    issuer: 'https://accounts.google.com',
    scopes: PERSON,
    authMethod: 'client_secret_post',
    parameters: { access_type: 'offline', prompt: 'consent' },
  };
}

/**
 * Microsoft Entra ID, people of one directory.
 *
 * @param options `tenantId`: id of the directory, a GUID; `common` and the like
 *   have no issuer of their own. `host`: that of a national cloud
 * @throws Error where `tenantId` is no GUID or `host` no host name
 * @publicApi
 */
export function entraLogin(options: {
  readonly tenantId: string;
  /** @default `'login.microsoftonline.com'` */
  readonly host?: string;
}): UpstreamPreset {
  checkOptions('entraLogin(…)', options, { tenantId: true, host: true });
  const { tenantId, host = 'login.microsoftonline.com' } = options;
  const example = '00000000-0000-0000-0000-000000000000';
  presetValue('entraLogin', 'tenantId', tenantId, GUID, example);
  presetValue('entraLogin', 'host', host, HOST, 'login.microsoftonline.com');
  return {
    name: 'Microsoft',
    issuer: `https://${host}/${tenantId}/v2.0`,
    scopes: [...PERSON, 'offline_access'],
    authMethod: 'client_secret_post',
  };
}

/**
 * Auth0. Refresh tokens take "Allow Offline Access" at the API that `audience`
 * names.
 *
 * @param options `domain`: of the tenant, `atlas.eu.auth0.com`, or your own
 * @throws Error where `domain` is no host name
 * @publicApi
 */
export function auth0Login(options: {
  readonly domain: string;
}): UpstreamPreset {
  checkOptions('auth0Login(…)', options, { domain: true });
  const { domain } = options;
  presetValue('auth0Login', 'domain', domain, HOST, 'atlas.eu.auth0.com');
  return {
    name: 'Auth0',
    issuer: `https://${domain}/`,
    scopes: [...PERSON, 'offline_access'],
    authMethod: 'client_secret_post',
  };
}

/**
 * Okta, a custom authorization server. For the organization's own, give
 * `issuer: 'https://<domain>'` in place of a preset.
 *
 * @param options `domain`: of the organization, `atlas.okta.com`, or your own
 * @throws Error where `domain` is no host name or `authorizationServerId` no id
 * @publicApi
 */
export function oktaLogin(options: {
  readonly domain: string;
  /** @default `'default'` */
  readonly authorizationServerId?: string;
}): UpstreamPreset {
  checkOptions('oktaLogin(…)', options, {
    domain: true,
    authorizationServerId: true,
  });
  const { domain, authorizationServerId: id = 'default' } = options;
  presetValue('oktaLogin', 'domain', domain, HOST, 'atlas.okta.com');
  presetValue('oktaLogin', 'authorizationServerId', id, /^\w+$/, 'default');
  return {
    name: 'Okta',
    issuer: `https://${domain}/oauth2/${id}`,
    scopes: [...PERSON, 'offline_access'],
  };
}

/**
 * Keycloak. It gives refresh tokens for as long as the person's session lasts;
 * for longer ones, add the scope `offline_access`.
 *
 * @param options `url`: of the server, with the path where it has one
 * @throws Error where `url` is no http(s) URL, or `realm` is empty
 * @publicApi
 */
export function keycloakLogin(options: {
  readonly url: string;
  readonly realm: string;
}): UpstreamPreset {
  checkOptions('keycloakLogin(…)', options, { url: true, realm: true });
  const { url, realm } = options;
  const example = 'https://login.example.com';
  presetValue('keycloakLogin', 'url', url, /^https?:\/\/[^?#\s]+$/, example);
  presetValue('keycloakLogin', 'realm', realm, /./, 'atlas');
  return {
    name: 'Keycloak',
    issuer: `${url.replace(/(?<!\/)\/+$/, '')}/realms/${encodeURIComponent(realm)}`,
    scopes: PERSON,
  };
}

/**
 * Amazon Cognito. The user pool needs a domain, for its login pages.
 *
 * @param options `region`: `eu-central-1`. `userPoolId`: `eu-central-1_AbCdEf123`
 * @throws Error where `region` or `userPoolId` has not the form
 * @publicApi
 */
export function cognitoLogin(options: {
  readonly region: string;
  readonly userPoolId: string;
}): UpstreamPreset {
  checkOptions('cognitoLogin(…)', options, { region: true, userPoolId: true });
  const { region, userPoolId } = options;
  const pool = /^[a-z0-9-]+_\w+$/i;
  const example = 'eu-central-1_AbCdEf123';
  presetValue('cognitoLogin', 'region', region, /^[a-z0-9-]+$/, 'eu-central-1');
  presetValue('cognitoLogin', 'userPoolId', userPoolId, pool, example);
  return {
    name: 'Amazon Cognito',
    issuer: `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`,
    // Those that an app client has from the start.
    scopes: ['openid', 'email'],
  };
}
