import type { LoggedIn } from '../../auth/issuer/login.service.js';
import type { UpstreamTokenSet } from '../../auth/issuer/upstream-tokens.js';
import { RetriedTask } from '../../auth/verifiers/provider/find-provider.js';
import { CodeFlow } from './code-flow.js';
import { displayName } from './code-flow.js';
import {
  authMethodOf,
  openIdMetadata,
  UpstreamConfigurationError,
} from './openid-metadata.js';
import { loadOpenidClient } from '../../platform/optional-packages.js';
import { providerFetch } from './provider-fetch.js';
import { upstreamFailure } from './upstream-failure.js';
import type { UpstreamSettings } from './upstream-settings.js';
import {
  UpstreamProvider,
  UpstreamRefusedError,
  UpstreamUnavailableError,
  type UpstreamLeg,
} from './upstream.provider.js';

/** Members that name a person, the best first. */
const NAMES = ['name', 'preferred_username', 'email'] as const;

/** An OpenID provider, found by its issuer: the ID token tells who logged in. */
export class OpenIdUpstream extends UpstreamProvider {
  override readonly name: string;
  readonly #settings: UpstreamSettings;
  readonly #issuer: string | undefined;
  readonly #flow = new RetriedTask(() => this.discover());
  #hasUserInfo = false;

  /** @param issuer undefined where `metadataUrl` tells it */
  constructor(settings: UpstreamSettings, issuer: string | undefined) {
    super();
    this.name = settings.name;
    this.#settings = settings;
    this.#issuer = issuer;
  }

  override async prepare(): Promise<void> {
    await loadOpenidClient();
    try {
      await this.#flow.result();
    } catch (error) {
      if (error instanceof UpstreamConfigurationError) {
        throw error;
      }
    }
  }

  override async authorizationUrl(leg: UpstreamLeg): Promise<URL> {
    const flow = await this.flow();
    try {
      return await flow.authorizationUrl(leg, true);
    } catch (error) {
      throw upstreamFailure(this.name, 'its authorization endpoint', error);
    }
  }

  override async redeem(
    callback: URL,
    leg: UpstreamLeg,
  ): Promise<{ readonly person: LoggedIn; readonly tokens: UpstreamTokenSet }> {
    const flow = await this.flow();
    try {
      const { tokens, claims } = await flow.exchange(
        callback.searchParams,
        leg,
        true,
      );
      const subject = claims?.sub;
      if (!subject) {
        throw new UpstreamRefusedError(`${this.name}: its ID token has no sub`);
      }
      const name =
        displayName(claims, NAMES) ??
        (await this.userInfoName(flow, tokens.accessToken, subject));
      const person = { subject, ...(name && { displayName: name }) };
      return { person, tokens };
    } catch (error) {
      throw upstreamFailure(this.name, 'the login', error);
    }
  }

  override async refresh(
    tokens: UpstreamTokenSet,
    subject: string,
  ): Promise<UpstreamTokenSet> {
    if (tokens.refreshToken === undefined) {
      throw new UpstreamRefusedError(`${this.name}: it gave no refresh token`);
    }
    const flow = await this.flow();
    try {
      const renewed = await flow.refresh(tokens.refreshToken);
      // OpenID Connect Core, section 12.2.
      if (renewed.claims && renewed.claims.sub !== subject) {
        throw new UpstreamRefusedError(
          `${this.name}: it renewed the tokens of somebody else`,
        );
      }
      const { refreshToken, scope } = tokens;
      return { refreshToken, ...(scope && { scope }), ...renewed.tokens };
    } catch (error) {
      throw upstreamFailure(this.name, 'the refresh', error);
    }
  }

  /** Where ID tokens are kept short, names are here; nobody is turned away for want of one. */
  private async userInfoName(
    flow: CodeFlow,
    accessToken: string,
    subject: string,
  ): Promise<string | undefined> {
    const { scopes } = this.#settings;
    if (!this.#hasUserInfo || scopes.every((scope) => scope === 'openid')) {
      return undefined;
    }
    try {
      return displayName(await flow.userInfo(accessToken, subject), NAMES);
    } catch {
      return undefined;
    }
  }

  private async flow(): Promise<CodeFlow> {
    try {
      return await this.#flow.result();
    } catch (error) {
      throw new UpstreamUnavailableError(
        `${this.name}: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }

  private async discover(): Promise<CodeFlow> {
    const settings = this.#settings;
    const { timeout, allowPrivateHosts, metadataUrl } = settings;
    const found = await openIdMetadata(this.#issuer, timeout, metadataUrl);
    const { issuer } = found;
    const server = {
      ...found,
      ...(settings.authorizationEndpoint !== undefined && {
        authorization_endpoint: settings.authorizationEndpoint,
      }),
    };
    this.#hasUserInfo = typeof server.userinfo_endpoint === 'string';
    const authMethod = settings.authMethod ?? authMethodOf(server);
    return CodeFlow.create({
      settings: { ...settings, authMethod },
      server,
      fetch: providerFetch(
        { source: 'issuer', issuer, allowPrivateHosts },
        timeout,
      ),
      isInsecure: new URL(issuer).protocol === 'http:',
    });
  }
}
