import { sameResource } from '../../auth/verifiers/audience-rule.js';
import {
  type OAuthRequest,
  OAuthRefusal,
} from '../../authorization-server/endpoints/oauth.request.js';
import type { ProxiedProvider } from '../auth-config.settings.js';
import type { DirectDependencies } from './direct.clients.js';
import type { IssProbe } from './iss.probe.js';

/**
 * What `resource` (RFC 8707) is to the provider: the client's own, as MCP has
 * clients send it, unless `audience` says that the provider has another name for
 * this API. Providers that take both refuse them together or prefer `resource`,
 * which they do not know.
 *
 * @throws OAuthRefusal where it is the name of another server
 */
export function resourcesToSend(
  asked: readonly string[],
  known: readonly string[],
  { audience }: ProxiedProvider,
): readonly string[] {
  const named = asked.map((name) => sameResource(known, name));
  const served = named.filter((name) => name !== undefined);
  if (served.length < named.length) {
    throw new OAuthRefusal('invalid_target', 'resource is not served here');
  }
  return audience === undefined ? [...new Set(served)] : [];
}

/** Parameters of the client that go to the provider as they are. */
const PASSED = [
  'state',
  'code_challenge',
  'prompt',
  'login_hint',
  'ui_locales',
] as const;

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/**
 * A login that cannot begin. A page says so: every client registered itself, and
 * nobody vouches for the address it wants the answer at (RFC 9700, section 4.11.2).
 */
export class NoLoginError extends Error {
  override readonly name = 'NoLoginError';

  constructor(
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }
}

/** Sends browsers to the provider, with its name for this server in place of the client's. */
export class AuthorizeEndpoint {
  constructor(
    private readonly surroundings: DirectDependencies,
    private readonly probe: IssProbe,
  ) {}

  /** @throws NoLoginError */
  async handle({ response, url }: OAuthRequest): Promise<void> {
    const query = new URL(url, 'http://request').searchParams;
    const { clients } = this.surroundings;
    const clientId = only(query, 'client_id');
    const client = await clients.find(clientId);
    if (clientId === undefined || !client) {
      throw new NoLoginError(
        'The program that sent you is not known here. Have it register again.',
      );
    }
    const redirectUri = only(query, 'redirect_uri');
    if (
      redirectUri === undefined ||
      !client.redirectUris.includes(redirectUri)
    ) {
      throw new NoLoginError(
        'The program that sent you wants the answer at an address that it did ' +
          'not register.',
      );
    }
    const target = await this.destination(query, clientId, redirectUri).catch(
      (error: unknown) => {
        throw error instanceof OAuthRefusal
          ? new NoLoginError(
              `The program that sent you was refused: ${error.description} (${error.code}).`,
              error.status,
            )
          : error;
      },
    );
    response.writeHead(302, {
      location: target.href,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end();
  }

  /** @throws OAuthRefusal */
  private async destination(
    query: URLSearchParams,
    clientId: string,
    redirectUri: string,
  ): Promise<URL> {
    const { provider, resources, grants, metadata } = this.surroundings;
    checkQuery(query);
    const resource = resourcesToSend(
      query.getAll('resource'),
      resources,
      provider,
    );
    const document = await metadata();
    if (await this.probe.sendsIss(document, redirectUri)) {
      throw new OAuthRefusal(
        'server_error',
        'this server is not set up for its identity provider',
      );
    }
    await grants.begin(clientId, query.get('code_challenge') ?? '', {
      redirectUri,
      resource,
    });
    const target = new URL(document['authorization_endpoint'] as string);
    const scopes = [
      ...(query.get('scope') ?? '').split(' '),
      ...provider.scopes,
    ].filter((scope) => scope !== '');
    const parameters: Record<string, string | null | undefined> = {
      response_type: 'code',
      client_id: provider.clientId,
      redirect_uri: redirectUri,
      scope: [...new Set(scopes)].join(' '),
      code_challenge_method: 'S256',
      audience: provider.audience,
      ...Object.fromEntries(PASSED.map((name) => [name, query.get(name)])),
    };
    for (const [name, value] of Object.entries(parameters)) {
      if (value) {
        target.searchParams.set(name, value);
      }
    }
    for (const name of resource) {
      target.searchParams.append('resource', name);
    }
    return target;
  }
}

function checkQuery(query: URLSearchParams): void {
  for (const name of new Set(query.keys())) {
    if (name !== 'resource' && query.getAll(name).length > 1) {
      throw new OAuthRefusal('invalid_request', 'a parameter is given twice');
    }
  }
  if (query.get('response_type') !== 'code') {
    throw new OAuthRefusal(
      'unsupported_response_type',
      'response_type has to be code',
    );
  }
  if ((query.get('response_mode') ?? 'query') !== 'query') {
    throw new OAuthRefusal('invalid_request', 'response_mode has to be query');
  }
  if (
    query.get('code_challenge_method') !== 'S256' ||
    !CHALLENGE.test(query.get('code_challenge') ?? '')
  ) {
    throw new OAuthRefusal(
      'invalid_request',
      'code_challenge is needed, with code_challenge_method S256',
    );
  }
}

/** A parameter that is there once. */
function only(query: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = query.getAll(name);
  return others.length === 0 ? value : undefined;
}
