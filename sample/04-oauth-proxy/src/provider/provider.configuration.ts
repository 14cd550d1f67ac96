import { exportJWK, generateKeyPair } from 'jose';
import { randomBytes } from 'node:crypto';
import type { Configuration } from 'oidc-provider';
import type { CompanyLogin } from '../auth/company-login.interface.js';

/** Seconds an access token of the provider lasts, so that one sees it renewed. */
export const PROVIDER_TOKEN_SECONDS = 900;

const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/**
 * An identity provider as companies have one: it registers nobody, knows one
 * confidential client with one redirect URI, and issues tokens for one API.
 */
export async function providerConfiguration(
  { audience, clientId, clientSecret }: Omit<CompanyLogin, 'issuer'>,
  redirectUri: string,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return {
    jwks: { keys: [await exportJWK(privateKey)] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        // Allows plain http, which is for loopback alone.
        application_type: 'native',
      },
    ],
    claims: { openid: ['sub'], profile: ['name'] },
    conformIdTokenClaims: false,
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, name: accountId }),
    }),
    features: {
      // The provider's own pages: any name and password will do.
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => audience,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          audience,
          scope: '',
          accessTokenFormat: 'jwt',
        }),
      },
    },
    ttl: {
      AccessToken: PROVIDER_TOKEN_SECONDS,
      Interaction: 10 * MINUTE,
      Session: DAY,
      Grant: DAY,
      RefreshToken: DAY,
    },
    pkce: { required: () => true },
  };
}
