import type { JwtIssuerOptions } from '../verifiers/jwt/jwt-options.interface.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';
import {
  type IdentityProvider,
  identityProvider,
  PERSON,
} from './identity-provider.js';
import { HOST, optionalName, presetValue } from './preset-value.js';

/** Options of {@link entra}. @publicApi */
export interface EntraOptions {
  /** Id of the directory (tenant): a GUID. `common` and the like have no issuer of their own. */
  readonly tenantId: string;
  /** Id of the application registration of this server. */
  readonly clientId: string;
  /** What `aud` may be. @default the client id, and `api://` with it */
  readonly audience?: string | readonly string[];
  /** @default `'login.microsoftonline.com'` */
  readonly host?: string;
}

const ENTRA_KEYS: OptionKeys<EntraOptions> = {
  tenantId: true,
  clientId: true,
  audience: true,
  host: true,
};

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Microsoft Entra ID, tokens of version 1 and 2: they differ in issuer
 * (`sts.windows.net` or the login host), in audience (application URI or client
 * id) and in the client's claim (`appid` or `azp`), which ID tokens lack.
 * Delegated scopes come in `scp`, application permissions in `roles`.
 * People of this directory alone log in.
 *
 * @throws Error where `tenantId` or `clientId` is no GUID, or `host` no host name
 * @publicApi
 */
export function entra(options: EntraOptions): IdentityProvider {
  checkOptions('entra(…)', options, ENTRA_KEYS);
  const { host = 'login.microsoftonline.com' } = options;
  const tenantId = guid('tenantId', options.tenantId);
  const clientId = guid('clientId', options.clientId);
  presetValue('entra', 'host', host, HOST, 'login.microsoftonline.com');
  optionalName('entra', 'audience', options.audience, true);
  const version = (
    issuer: string,
    ver: string,
    client: string,
  ): JwtIssuerOptions => ({
    issuer,
    jwksUri: `https://${host}/${tenantId}/discovery/v2.0/keys`,
    audience: options.audience ?? [clientId, `api://${clientId}`],
    algorithms: ['RS256'],
    requiredClaims: { ver, [client]: true },
    claims: { scopes: 'scp', clientId: client, roles: 'roles' },
  });
  return identityProvider(
    {
      issuers: [
        version(`https://${host}/${tenantId}/v2.0`, '2.0', 'azp'),
        version(`https://sts.windows.net/${tenantId}/`, '1.0', 'appid'),
      ],
    },
    {
      name: 'Microsoft',
      issuer: `https://${host}/${tenantId}/v2.0`,
      scopes: [...PERSON, 'offline_access'],
      authMethod: 'client_secret_post',
    },
  );
}

function guid(name: string, value: unknown): string {
  const example = '00000000-0000-0000-0000-000000000000';
  return presetValue('entra', name, value, GUID, example);
}
