import {
  formOf,
  type OAuthRequest,
  sendJson,
} from '../../authorization-server/endpoints/oauth.request.js';
import type { DirectDependencies } from './direct.clients.js';
import { OAuthRefusal } from '../../authorization-server/endpoints/oauth.request.js';
import type { RefreshClaim } from '../../authorization-server/storage/refresh.answers.js';
import { StoreUnavailableError } from '../../authorization-server/storage/store.errors.js';
import type { PassedTokens, ProviderTokens } from './provider.tokens.js';
import { resourcesToSend } from './authorize.endpoint.js';

const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

type Form = Readonly<Record<string, string>>;

/** Tokens of the provider, and what they were asked for. */
interface KeptTokens {
  readonly asked: string;
  readonly tokens: PassedTokens;
}

/** Hands out the provider's tokens: for codes with PKCE, and for refresh tokens, to the client whose they are. */
export class TokenEndpoint {
  constructor(
    private readonly surroundings: DirectDependencies,
    private readonly tokens: ProviderTokens,
  ) {}

  /** @throws OAuthRefusal */
  async handle(exchange: OAuthRequest): Promise<void> {
    const { clients } = this.surroundings;
    const type = exchange.request.headers['content-type'] ?? '';
    if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
      throw new OAuthRefusal('invalid_request', 'the body has to be a form');
    }
    const form = formOf(exchange);
    const { client_id: clientId } = form;
    const client = await clients.find(clientId);
    if (clientId === undefined || !client) {
      throw new OAuthRefusal('invalid_client', 'the client is not known', 401);
    }
    switch (form['grant_type']) {
      case 'authorization_code':
        await this.redeem(exchange, clientId, form);
        break;
      case 'refresh_token':
        await this.refresh(exchange, clientId, form);
        break;
      default:
        throw new OAuthRefusal(
          'unsupported_grant_type',
          'grant_type has to be authorization_code or refresh_token',
        );
    }
    await clients.use(clientId, client);
  }

  private async redeem(
    { response }: OAuthRequest,
    clientId: string,
    form: Form,
  ): Promise<void> {
    const { grants } = this.surroundings;
    const code = needed(form, 'code');
    const redirectUri = needed(form, 'redirect_uri');
    const verifier = needed(form, 'code_verifier');
    const login = VERIFIER.test(verifier)
      ? await grants.find(clientId, verifier)
      : undefined;
    if (!login || login.redirectUri !== redirectUri) {
      throw new OAuthRefusal(
        'invalid_grant',
        'this client began no login with that verifier and redirect_uri',
      );
    }
    this.resourcesOf(form);
    const tokens = await this.tokens.request(
      {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      },
      login.resource,
    );
    await grants.end(clientId, verifier);
    if (tokens.refresh_token !== undefined) {
      await grants.keep(clientId, tokens.refresh_token);
    }
    sendJson(response, 200, tokens);
  }

  private async refresh(
    { response }: OAuthRequest,
    clientId: string,
    form: Form,
  ): Promise<void> {
    const { grants } = this.surroundings;
    const refreshToken = needed(form, 'refresh_token');
    const resources = this.resourcesOf(form);
    const asked = JSON.stringify([form['scope'] ?? '', resources]);
    const outcome = (await grants.owns(clientId, refreshToken))
      ? await grants.claim(refreshToken)
      : undefined;
    if (outcome && 'claim' in outcome) {
      const fields = {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        ...(form['scope'] && { scope: form['scope'] }),
      };
      const tokens = await this.tokens
        .request(fields, resources)
        .catch(async (error: unknown) => {
          await grants.giveBack(outcome.claim);
          throw error;
        });
      await this.settle(clientId, outcome.claim, { asked, tokens });
      sendJson(response, 200, tokens);
      return;
    }
    const kept = outcome && 'answer' in outcome ? outcome.answer : undefined;
    if ((kept as KeptTokens | undefined)?.asked !== asked) {
      throw new OAuthRefusal(
        'invalid_grant',
        'this client has no such refresh token',
      );
    }
    sendJson(response, 200, (kept as KeptTokens).tokens);
  }

  /** Notes what came of a refresh; where that fails, the client gets its tokens all the same, as the provider sends them once. */
  private async settle(
    clientId: string,
    claim: RefreshClaim,
    kept: KeptTokens,
  ): Promise<void> {
    const { grants } = this.surroundings;
    const { refresh_token: next = claim.id } = kept.tokens;
    try {
      await grants.keep(clientId, next);
      if (next !== claim.id) {
        await grants.commit(claim, kept);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) {
        throw error;
      }
    }
  }

  private resourcesOf({ resource }: Form): readonly string[] {
    const { resources, provider } = this.surroundings;
    return resourcesToSend(
      resource === undefined ? [] : [resource],
      resources,
      provider,
    );
  }
}

function needed(form: Form, name: string): string {
  const value = form[name];
  if (!value) {
    throw new OAuthRefusal('invalid_request', `${name} is needed, once`);
  }
  return value;
}
