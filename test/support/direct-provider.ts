import { createHash, randomUUID } from 'node:crypto';
import { startLoopbackServer, type LoopbackServer } from './loopback-server.js';
import { createSigningKey } from './signing-key.js';

/** The client that the provider knows. */
export const DIRECT_CLIENT = {
  clientId: 'atlas at the provider',
  clientSecret: 'direct-s3cret/with+odd:characters',
} as const;

type Parameters = Readonly<Record<string, string>>;

/**
 * An OAuth provider with one confidential client, PKCE, exact redirect URIs and
 * rotating refresh tokens, which says in no way who answers: no `iss`. Everybody
 * who comes is ada.
 */
export interface DirectProvider extends LoopbackServer {
  readonly issuer: string;
  /** Parameters of the logins that got a code. */
  readonly logins: Parameters[];
  /** Fields of the requests to the token endpoint, its client's own among them. */
  readonly redemptions: Parameters[];
  /** Audience of tokens. */
  audience: string;
  /** Sends `iss` to clients, though its metadata does not say so. */
  sendsIss: boolean;
  /** Serves metadata with these members changed; `undefined` leaves one out. */
  describe(changes?: Readonly<Record<string, unknown>>): void;
}

export async function startDirectProvider(
  redirectUris: readonly string[],
): Promise<DirectProvider> {
  const server = await startLoopbackServer();
  const key = await createSigningKey();
  const issuer = server.origin;
  const codes = new Map<string, Parameters>();
  const refreshTokens = new Set<string>();
  const provider: DirectProvider = {
    ...server,
    issuer,
    logins: [],
    redemptions: [],
    audience: '',
    sendsIss: false,
    describe: (changes) => {
      server.routes.set('/.well-known/openid-configuration', {
        json: {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks`,
          revocation_endpoint: `${issuer}/revoke`,
          userinfo_endpoint: `${issuer}/userinfo`,
          scopes_supported: ['openid', 'profile', 'email', 'notes:read'],
          response_types_supported: ['code'],
          code_challenge_methods_supported: ['S256'],
          id_token_signing_alg_values_supported: ['ES256'],
          ...changes,
        },
      });
    },
  };
  const authorize = (query: Parameters) => {
    const { redirect_uri: redirectUri = '', state = '' } = query;
    if (
      query['client_id'] !== DIRECT_CLIENT.clientId ||
      !redirectUris.includes(redirectUri)
    ) {
      return { status: 400, text: 'unknown client' };
    }
    const target = new URL(redirectUri);
    target.searchParams.set('state', state);
    if (provider.sendsIss) {
      target.searchParams.set('iss', issuer);
    }
    if (query['prompt'] === 'none') {
      target.searchParams.set('error', 'login_required');
    } else {
      const code = randomUUID();
      codes.set(code, query);
      provider.logins.push(query);
      target.searchParams.set('code', code);
    }
    return { status: 302, headers: { location: target.href } };
  };
  const token = async (form: Parameters, authorization: string) => {
    provider.redemptions.push(form);
    const [id, secret] = Buffer.from(authorization.slice(6), 'base64')
      .toString()
      .split(':')
      .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
    if (
      id !== DIRECT_CLIENT.clientId ||
      secret !== DIRECT_CLIENT.clientSecret
    ) {
      return { status: 401, json: { error: 'invalid_client', secret } };
    }
    const login = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    const challenge = createHash('sha256')
      .update(form['code_verifier'] ?? '')
      .digest('base64url');
    const isGranted =
      form['grant_type'] === 'refresh_token'
        ? refreshTokens.delete(form['refresh_token'] ?? '')
        : login?.['code_challenge'] === challenge &&
          login['redirect_uri'] === form['redirect_uri'];
    if (!isGranted) {
      const error_description = `no grant for ${secret}`;
      return {
        status: 400,
        json: { error: 'invalid_grant', error_description },
      };
    }
    const refresh_token = randomUUID();
    refreshTokens.add(refresh_token);
    const exp = Math.floor(Date.now() / 1000) + 300;
    return {
      json: {
        access_token: await key.sign({
          iss: issuer,
          aud: provider.audience,
          sub: 'ada',
          scope: login?.['scope'] ?? 'notes:read',
          jti: randomUUID(),
          exp,
        }),
        token_type: 'Bearer',
        expires_in: 300,
        refresh_token,
        scope: 'openid notes:read',
        id_token: 'id.of.ada',
        client_secret: secret,
      },
    };
  };
  const find = server.routes.get.bind(server.routes);
  // By path alone, whatever the query.
  server.routes.get = (path) =>
    path.startsWith('/authorize?')
      ? () =>
          authorize(
            Object.fromEntries(new URL(path, issuer).searchParams.entries()),
          )
      : find(path);
  server.routes.set('/jwks', { json: { keys: [key.jwk] } });
  server.routes.set('/token', ({ body, headers }) =>
    token(
      Object.fromEntries(new URLSearchParams(body).entries()),
      headers.authorization ?? '',
    ),
  );
  provider.describe();
  return provider;
}
