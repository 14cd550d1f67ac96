import { startLoopbackServer, type LoopbackServer } from './loopback-server.js';
import { createSigningKey, type SigningKey } from './signing-key.js';

type Changes = Readonly<Record<string, unknown>>;

/** An OpenID provider whose every answer a test can make up. */
export interface FakeUpstream extends LoopbackServer {
  readonly issuer: string;
  readonly key: SigningKey;
  /** Answers discovery, with these members changed; `undefined` leaves one out. */
  discover(changes?: Changes): void;
  /** Claims of a good ID token, with these changed. */
  claims(changes?: Changes): Record<string, unknown>;
  /** Answers the token endpoint with a good token and this ID token. */
  issue(idToken: string | undefined, changes?: Changes): void;
}

/** Its client is `atlas`, the nonce of ID tokens `nonce`. */
export async function startFakeUpstream(): Promise<FakeUpstream> {
  const server = await startLoopbackServer();
  const key = await createSigningKey('ES256');
  const issuer = server.origin;
  const headers = { 'content-type': 'application/json' };
  server.routes.set('/jwks', { headers, json: { keys: [key.jwk] } });
  const fake: FakeUpstream = {
    ...server,
    issuer,
    key,
    discover: (changes) => {
      server.routes.set('/.well-known/openid-configuration', {
        headers,
        json: {
          issuer,
          authorization_endpoint: `${issuer}/auth`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          id_token_signing_alg_values_supported: ['ES256', 'HS256', 'none'],
          ...changes,
        },
      });
    },
    claims: (changes) => {
      const iat = Math.floor(Date.now() / 1000);
      return {
        iss: issuer,
        aud: 'atlas',
        sub: 'ada',
        nonce: 'nonce',
        iat,
        exp: iat + 300,
        ...changes,
      };
    },
    issue: (id_token, changes) => {
      server.routes.set('/token', {
        headers,
        json: {
          access_token: 'upstream-token',
          token_type: 'Bearer',
          expires_in: 300,
          id_token,
          ...changes,
        },
      });
    },
  };
  fake.discover();
  return fake;
}
