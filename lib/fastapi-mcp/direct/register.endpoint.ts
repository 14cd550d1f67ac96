import { createHash, timingSafeEqual } from 'node:crypto';
import { isJsonObject } from '../../auth/fetch/guarded-fetch.js';
import {
  type OAuthRequest,
  sendJson,
} from '../../authorization-server/endpoints/oauth.request.js';
import {
  MAX_CLIENT_NAME,
  MAX_REDIRECT_URIS,
  statedMembers,
} from '../../authorization-server/clients/registration.limits.js';
import { RegistrationLimits } from '../../authorization-server/clients/registration.limits.js';
import {
  RedirectUriPolicy,
  refusedRedirects,
} from '../../authorization-server/clients/redirect-uri.policy.js';
import type { DirectDependencies } from './direct.clients.js';
import { OAuthRefusal } from '../../authorization-server/endpoints/oauth.request.js';

/** Dynamic client registration (RFC 7591): every client is a public one, and gets no secret. */
export class RegisterEndpoint {
  private readonly policy: RedirectUriPolicy;
  private readonly limits: RegistrationLimits;

  /** @throws Error where an entry of `redirectUris` is unusable */
  constructor(private readonly surroundings: DirectDependencies) {
    const { registration } = surroundings.settings;
    this.policy = new RedirectUriPolicy(registration.redirectUris);
    this.limits = new RegistrationLimits(registration);
  }

  /** @throws OAuthRefusal */
  async handle(exchange: OAuthRequest): Promise<void> {
    const { request, response, body } = exchange;
    const { clients, settings } = this.surroundings;
    this.checkToken(request.headers.authorization);
    if (!isJsonObject(body)) {
      throw invalid('the body is no JSON object');
    }
    const stated = statedMembers(body);
    const redirectUris = this.redirectUrisOf(stated['redirect_uris']);
    const { client_name: name = settings.registration.clientName } = stated;
    if (typeof name !== 'string' || name.length > MAX_CLIENT_NAME) {
      throw invalid('client_name is no short text');
    }
    checkList(stated['grant_types'], 'grant_types', 'authorization_code');
    checkList(stated['response_types'], 'response_types', 'code');
    if (!(await clients.isKnown(name, redirectUris))) {
      this.limit(exchange);
    }
    const [id, client] = await clients.register(name, redirectUris);
    sendJson(response, 201, {
      client_id: id,
      client_id_issued_at: client.issuedAt,
      client_name: client.name,
      redirect_uris: client.redirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    });
  }

  /** @throws OAuthRefusal where too many have registered */
  private limit({ response, address }: OAuthRequest): void {
    const { initialAccessToken } = this.surroundings.settings.registration;
    const wait =
      initialAccessToken === undefined ? this.limits.admit(address) : undefined;
    if (wait !== undefined) {
      response.setHeader('retry-after', String(wait));
      throw new OAuthRefusal(
        'temporarily_unavailable',
        'too many clients have registered',
        429,
      );
    }
  }

  private checkToken(authorization: string | undefined): void {
    const expected = this.surroundings.settings.registration.initialAccessToken;
    const [scheme = '', token = ''] = authorization?.split(' ') ?? [];
    if (
      expected !== undefined &&
      (scheme.toLowerCase() !== 'bearer' || !isSame(token, expected))
    ) {
      throw new OAuthRefusal(
        'invalid_token',
        'registration needs an initial access token',
        401,
      );
    }
  }

  private redirectUrisOf(given: unknown): readonly string[] {
    const uris: readonly unknown[] = Array.isArray(given) ? given : [];
    if (uris.length === 0 || uris.length > MAX_REDIRECT_URIS) {
      throw new OAuthRefusal(
        'invalid_redirect_uri',
        `redirect_uris has to be a list of 1 to ${MAX_REDIRECT_URIS}`,
      );
    }
    const allowed = uris.filter(
      (uri): uri is string =>
        typeof uri === 'string' && this.policy.allows(uri),
    );
    if (allowed.length === 0) {
      throw new OAuthRefusal('invalid_redirect_uri', refusedRedirects(uris));
    }
    return [...new Set(allowed)];
  }
}

/** What is asked for beyond the one that there is may be left out (RFC 7591, section 2). */
function checkList(given: unknown, member: string, needed: string): void {
  if (
    given !== undefined &&
    !(Array.isArray(given) && given.includes(needed))
  ) {
    throw invalid(`${member} has no "${needed}"`);
  }
}

function invalid(description: string): OAuthRefusal {
  return new OAuthRefusal('invalid_client_metadata', description);
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) =>
    createHash('sha256').update(text).digest(),
  );
  return timingSafeEqual(a!, b!);
}
