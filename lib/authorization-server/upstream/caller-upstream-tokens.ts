import type { HttpAdapterHost } from '@nestjs/core';
import { getAccessToken } from '../../auth/context/request-context.js';
import { AuthorizationServer } from '../authorization-server.js';
import { issuingServers } from '../issuing-servers.js';
import { UpstreamTokens } from './upstream-tokens.js';
import type { UpstreamTokenSet } from './upstream.provider.js';

/**
 * What an application injects as `UpstreamTokens`: tokens of the provider that
 * the current caller logged in at, as one and the same subject may be somebody
 * else at another.
 */
export class CallerUpstreamTokens extends UpstreamTokens {
  readonly #adapterHost: HttpAdapterHost;

  constructor(adapterHost: HttpAdapterHost) {
    super(() => undefined);
    this.#adapterHost = adapterHost;
  }

  override async get(subject: string | undefined): Promise<string | null> {
    return (await this.#ofCaller()?.get(subject)) ?? null;
  }

  override async has(subject: string): Promise<boolean> {
    return (await this.#ofCaller()?.has(subject)) ?? false;
  }

  override async put(subject: string, tokens: UpstreamTokenSet): Promise<void> {
    await this.#ofCaller()?.put(subject, tokens);
  }

  override async delete(subject: string): Promise<void> {
    await this.#ofCaller()?.delete(subject);
  }

  /** @throws Error where there are several and no caller to tell which */
  #ofCaller(): UpstreamTokens | undefined {
    const servers = [...issuingServers(this.#adapterHost)].filter(
      (server): server is AuthorizationServer =>
        server instanceof AuthorizationServer &&
        server.settings.options.upstream !== undefined,
    );
    const token = getAccessToken();
    if (token) {
      return servers.find(({ issuer }) => issuer === token.issuer)
        ?.upstreamTokens;
    }
    if (servers.length > 1) {
      throw new Error(
        'UpstreamTokens: several servers have an identity provider, and ' +
          'without a caller there is no telling whose tokens are meant. Ask ' +
          'while a tool is called.',
      );
    }
    return servers[0]?.upstreamTokens;
  }
}
