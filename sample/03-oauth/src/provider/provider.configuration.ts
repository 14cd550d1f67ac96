import { exportJWK, generateKeyPair } from 'jose';
import { randomBytes } from 'node:crypto';
import { type Configuration, errors } from 'oidc-provider';

/** Scopes of the MCP server, as far as the login server has to know them. */
const SCOPES = ['notes:read', 'notes:write'];

/** Seconds an access token lasts, so that one sees clients renew theirs. */
export const TOKEN_SECONDS = 300;

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/**
 * Everything an MCP client asks of a login server: registration, PKCE, tokens
 * for one server, refresh tokens, CORS.
 *
 * @param resources URLs of that server (RFC 8707): tokens are issued for nothing else
 */
export async function providerConfiguration(
  resources: readonly string[],
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    jwks: { keys: [await exportJWK(privateKey)] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId }),
    }),
    features: {
      // The provider's own pages: any name and password will do.
      devInteractions: { enabled: true },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, indicator) => {
          if (!resources.includes(indicator)) {
            throw new errors.InvalidTarget();
          }
          return {
            audience: indicator,
            scope: SCOPES.join(' '),
            accessTokenFormat: 'jwt',
          };
        },
      },
    },
    ttl: {
      AccessToken: TOKEN_SECONDS,
      Interaction: 10 * MINUTE,
      Session: DAY,
      Grant: DAY,
      RefreshToken: DAY,
    },
    pkce: { required: () => true },
    issueRefreshToken: (_context, client) =>
      client.grantTypeAllowed('refresh_token'),
    // For clients in a browser. They identify themselves without cookies.
    clientBasedCORS: () => true,
    // Clients on one's own machine come back to loopback or their own scheme.
    clientDefaults: { application_type: 'native' },
    extraClientMetadata: {
      // Clients register with the scopes of their first login. Holding them to
      // those would refuse the second, which asks for more.
      properties: ['scope'],
      validator: (_context, _name, _value, metadata) => {
        delete metadata['scope'];
      },
    },
  };
}
