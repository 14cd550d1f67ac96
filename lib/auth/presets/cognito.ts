import {
  type IdentityProvider,
  identityProvider,
} from './identity-provider.js';
import { presetValue } from './preset-value.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** Options of {@link cognito}. @publicApi */
export interface CognitoOptions {
  /** Region of the user pool: `eu-central-1`. */
  readonly region: string;
  /** Id of the user pool: `eu-central-1_AbCdEf123`. */
  readonly userPoolId: string;
  /** App clients whose tokens are for this server. */
  readonly clientId: string | readonly string[];
}

const COGNITO_KEYS: OptionKeys<CognitoOptions> = {
  region: true,
  userPoolId: true,
  clientId: true,
};

/**
 * Amazon Cognito: access tokens have no `aud` and name their app client in
 * `client_id`, so that is what is compared; `token_use` tells them from ID
 * tokens. Groups are the roles.
 * Logging in there takes a user pool with a domain, for its pages.
 *
 * @throws Error where `region` or `userPoolId` has not the form, or `clientId` names none
 * @publicApi
 */
export function cognito(options: CognitoOptions): IdentityProvider {
  checkOptions('cognito(…)', options, COGNITO_KEYS);
  const { region, userPoolId, clientId } = options;
  presetValue('cognito', 'region', region, /^[a-z0-9-]+$/, 'eu-central-1');
  presetValue(
    'cognito',
    'userPoolId',
    userPoolId,
    /^[a-z0-9-]+_\w+$/i,
    'eu-central-1_AbCdEf123',
  );
  const clients: readonly unknown[] = [clientId].flat();
  for (const client of clients.length > 0 ? clients : [undefined]) {
    presetValue('cognito', 'clientId', client, /./, '1example23456789');
  }
  const issuer = `https://cognito-idp.${region}.amazonaws.com/${userPoolId}`;
  return identityProvider(
    {
      issuer,
      jwksUri: `${issuer}/.well-known/jwks.json`,
      audience: clientId,
      audienceClaim: 'client_id',
      requiredClaims: { token_use: 'access' },
      algorithms: ['RS256'],
      claims: {
        scopes: 'scope',
        clientId: 'client_id',
        roles: 'cognito:groups',
      },
    },
    {
      name: 'Amazon Cognito',
      issuer,
      // Those that an app client has from the start.
      scopes: ['openid', 'email'],
    },
  );
}
