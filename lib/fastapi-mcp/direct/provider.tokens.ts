import { Logger } from '@nestjs/common';
import {
  isJsonObject,
  parseJson,
  guardedFetch,
  type GuardedResponse,
} from '../../auth/fetch/guarded-fetch.js';
import { GuardedFetchError } from '../../auth/fetch/url-trust.js';
import { clientCredentials } from '../../auth/verifiers/client-authentication.js';
import { tokenAuthMethod } from './check-direct-provider.js';
import type { DirectDependencies } from './direct.clients.js';
import { OAuthRefusal } from '../../authorization-server/endpoints/oauth.request.js';

/** What of the provider's answer a client gets. */
export interface PassedTokens {
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
  readonly scope?: string;
}

/** Errors that are the client's own doing. */
const PASSED_ERRORS = new Set([
  'invalid_request',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
]);

/** Asks the provider's token endpoint, with the secret, which nothing of the answer brings back. */
export class ProviderTokens {
  private readonly logger = new Logger('McpOAuthProxy');

  constructor(
    private readonly surroundings: Pick<
      DirectDependencies,
      'provider' | 'metadata'
    >,
  ) {}

  /** @throws OAuthRefusal with the provider's reason, or 503 where it has none */
  async request(
    fields: Readonly<Record<string, string>>,
    resources: readonly string[],
  ): Promise<PassedTokens> {
    const answer = await this.send(fields, resources);
    const body = parseJson(answer.body);
    const members = isJsonObject(body) ? body : {};
    if (answer.status === 200) {
      return this.passed(members);
    }
    const { error } = members;
    if (
      answer.status < 500 &&
      typeof error === 'string' &&
      PASSED_ERRORS.has(error)
    ) {
      throw new OAuthRefusal(error, 'the identity provider refused this');
    }
    // Such as invalid_client: that client is this server.
    throw this.failure(
      `its token endpoint answered ${answer.status}` +
        (typeof error === 'string' && /^[a-z_]{1,40}$/.test(error)
          ? ` (${error})`
          : ''),
    );
  }

  private async send(
    fields: Readonly<Record<string, string>>,
    resources: readonly string[],
  ): Promise<GuardedResponse> {
    const { provider, metadata } = this.surroundings;
    const document = await metadata();
    const credentials = clientCredentials(
      'auth.setupProxies',
      tokenAuthMethod(document) ?? 'client_secret_basic',
      provider.clientId,
      provider.clientSecret,
    );
    const form = new URLSearchParams({ ...fields, ...credentials.fields });
    for (const resource of resources) {
      form.append('resource', resource);
    }
    try {
      return await guardedFetch(document['token_endpoint'] as string, {
        trust: { source: 'issuer', issuer: document.issuer },
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
          ...credentials.headers,
        },
        body: form.toString(),
      });
    } catch (error) {
      throw this.failure(
        error instanceof GuardedFetchError ? error.message : 'it failed',
      );
    }
  }

  private passed(members: Readonly<Record<string, unknown>>): PassedTokens {
    const { access_token, token_type, expires_in, refresh_token, scope } =
      members;
    if (typeof access_token !== 'string' || access_token === '') {
      throw this.failure('its token endpoint sent no access token');
    }
    return {
      access_token,
      token_type: typeof token_type === 'string' ? token_type : 'Bearer',
      ...(typeof expires_in === 'number' && { expires_in }),
      ...(typeof refresh_token === 'string' && { refresh_token }),
      ...(typeof scope === 'string' && { scope }),
    };
  }

  private failure(reason: string): OAuthRefusal {
    this.logger.error(`The identity provider failed a client: ${reason}`);
    return new OAuthRefusal(
      'temporarily_unavailable',
      'the identity provider gave no usable answer',
      503,
    );
  }
}
