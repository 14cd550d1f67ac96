import {
  fetchJson,
  isJsonObject,
  parseJson,
} from '../../auth/fetch/guarded-fetch.js';
import { GuardedFetchError } from '../../auth/fetch/url-trust.js';
import type { LoggedIn } from '../../auth/issuer/login.service.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';
import { RetriedTask } from '../../auth/verifiers/provider/find-provider.js';
import { CodeFlow } from './code-flow.js';
import { displayName } from './code-flow.js';
import { loadOpenidClient } from '../../platform/optional-packages.js';
import { providerFetch, type ProviderFetch } from './provider-fetch.js';
import { upstreamFailure } from './upstream-failure.js';
import type { UpstreamOAuth } from '../../auth/issuer/upstream-options.interface.js';
import type { UpstreamSettings } from './upstream-settings.js';
import {
  UpstreamProvider,
  UpstreamRefusedError,
  type UpstreamLeg,
} from './upstream.provider.js';

/** The developer wrote the endpoints. */
const TRUST = { source: 'configuration' } as const;

/**
 * A provider of plain OAuth. Who logged in, the user endpoint tells for the
 * token that was exchanged here, and for no other.
 */
export class OAuthUpstream extends UpstreamProvider {
  override readonly name: string;
  readonly #settings: UpstreamSettings;
  readonly #oauth: UpstreamOAuth;
  readonly #flow = new RetriedTask(() => this.createFlow());

  constructor(settings: UpstreamSettings, oauth: UpstreamOAuth) {
    super();
    this.name = settings.name;
    this.#settings = settings;
    this.#oauth = oauth;
  }

  /** There is nothing to find: all endpoints are configured. */
  override async prepare(): Promise<void> {
    await loadOpenidClient();
  }

  override async authorizationUrl(leg: UpstreamLeg): Promise<URL> {
    return (await this.#flow.result()).authorizationUrl(leg, false);
  }

  override async redeem(
    callback: URL,
    leg: UpstreamLeg,
  ): Promise<{ readonly person: LoggedIn; readonly tokens: UpstreamTokenSet }> {
    const parameters = new URLSearchParams(callback.searchParams);
    if (this.#oauth.issuer === undefined) {
      // Nothing to compare it with. One provider per redirect URI is what
      // keeps answers of others out.
      parameters.delete('iss');
    }
    try {
      const flow = await this.#flow.result();
      const { tokens } = await flow.exchange(parameters, leg, false);
      return { person: await this.whoIs(tokens.accessToken), tokens };
    } catch (error) {
      throw upstreamFailure(this.name, 'the login', error);
    }
  }

  override async refresh(tokens: UpstreamTokenSet): Promise<UpstreamTokenSet> {
    if (tokens.refreshToken === undefined) {
      throw new UpstreamRefusedError(`${this.name}: it gave no refresh token`);
    }
    try {
      const flow = await this.#flow.result();
      const renewed = await flow.refresh(tokens.refreshToken);
      const { refreshToken, scope } = tokens;
      return { refreshToken, ...(scope && { scope }), ...renewed.tokens };
    } catch (error) {
      throw upstreamFailure(this.name, 'the refresh', error);
    }
  }

  private async whoIs(accessToken: string): Promise<LoggedIn> {
    const { userEndpoint, ...members } = this.#oauth;
    let user: object;
    try {
      user = await fetchJson(userEndpoint, {
        trust: TRUST,
        timeout: this.#settings.timeout,
        headers: {
          authorization: `Bearer ${accessToken}`,
          // GitHub answers nobody without one.
          'user-agent': 'nestjs-mcp',
        },
      });
    } catch (error) {
      const { status = 0 } = error as GuardedFetchError;
      throw [401, 403].includes(status)
        ? new UpstreamRefusedError(
            `${this.name}: its user endpoint answered ${status}`,
          )
        : error;
    }
    const subject = subjectOf(user, members.subject);
    if (subject === undefined) {
      throw new UpstreamRefusedError(
        `${this.name}: the answer of its user endpoint has no usable ` +
          `"${members.subject}"`,
      );
    }
    const name = displayName(user, [members.displayName ?? []].flat());
    return { subject, ...(name && { displayName: name }) };
  }

  private createFlow(): Promise<CodeFlow> {
    const { issuer, authorizationEndpoint, tokenEndpoint } = this.#oauth;
    const { origin } = new URL(authorizationEndpoint);
    return CodeFlow.create({
      settings: this.#settings,
      server: {
        issuer: issuer ?? origin,
        authorization_endpoint: authorizationEndpoint,
        token_endpoint: tokenEndpoint,
      },
      fetch: errorsByStatus(providerFetch(TRUST, this.#settings.timeout)),
      isInsecure: [authorizationEndpoint, tokenEndpoint].some((url) =>
        url.startsWith('http:'),
      ),
    });
  }
}

/** A number that was rounded when it was parsed could be somebody else's. */
function subjectOf(user: object, member: string): string | undefined {
  const value = (user as Readonly<Record<string, unknown>>)[member];
  if (typeof value === 'string' && value !== '') {
    return value;
  }
  return Number.isSafeInteger(value) ? String(value) : undefined;
}

/** GitHub sends errors with status 200, which is none (RFC 6749, section 5.2). */
function errorsByStatus(fetch: ProviderFetch): ProviderFetch {
  return async (url, request) => {
    const response = await fetch(url, request);
    const text = response.status === 200 ? await response.clone().text() : '';
    const body = parseJson(text);
    return isJsonObject(body) && 'error' in body && !('access_token' in body)
      ? new Response(text, { status: 400, headers: response.headers })
      : response;
  };
}
