import { Global, Injectable, Module } from '@nestjs/common';
import type { HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { getAccessToken } from '../context/request-context.js';
import type { AccessToken } from '../token/access-token.js';
import type {
  AuthorizationServerOptions,
  ServedResources,
} from './authorization-server-options.interface.js';
import { NoTokenIssuer, type TokenIssuer } from './token.issuer.js';
import { UpstreamTokens, type UpstreamTokenSet } from './upstream-tokens.js';

/**
 * What issues tokens in one application. One alone has the root forms of the
 * metadata URLs, and may have the origin as its issuer (RFC 8414, section 3.1).
 */
@Injectable()
export class TokenIssuers {
  private readonly all = new Set<TokenIssuer>();

  add(issuer: TokenIssuer): void {
    this.all.add(issuer);
  }

  /** Has the issuer of a token know that it lacked a scope. */
  noteStepUp(token: AccessToken): void {
    for (const issuer of this.all) {
      issuer.noteStepUp(token);
    }
  }

  get isOnlyOne(): boolean {
    return this.all.size === 1;
  }

  /**
   * Identifier of a server (RFC 8414, section 2) that none is configured for.
   *
   * @throws Error where there is no telling its public URL
   */
  derivedIssuer(served: ServedResources): string {
    const { origin } = new URL(namedResource(served));
    return this.isOnlyOne ? origin : `${origin}${served.endpointPath()}`;
  }

  /**
   * Tokens of the provider that the current caller logged in at, as one and the
   * same subject may be somebody else at another.
   *
   * @throws Error where there are several and no caller to tell which
   */
  upstreamTokens(): UpstreamTokens | undefined {
    const withUpstream = [...this.all].filter(
      ({ upstreamTokens }) => upstreamTokens !== undefined,
    );
    const token = getAccessToken();
    if (token) {
      return withUpstream.find(({ issuers }) =>
        issuers?.includes(token.issuer ?? ''),
      )?.upstreamTokens;
    }
    if (withUpstream.length > 1) {
      throw new Error(
        'UpstreamTokens: several servers have an identity provider, and ' +
          'without a caller there is no telling whose tokens are meant. Ask ' +
          'while a tool is called.',
      );
    }
    return withUpstream[0]?.upstreamTokens;
  }
}

/**
 * The resource by which a server's public URL is known; to be called where a
 * server is made, as errors while modules are configured are not Nest's to show.
 *
 * @throws Error where there is none
 */
export function namedResource({
  resources: [resource],
}: ServedResources): string {
  if (resource === undefined) {
    throw new Error(
      'authorizationServer needs to know its public URL. Set auth.resource ' +
        'to the URL of the MCP endpoint, or authorizationServer.issuer.',
    );
  }
  return resource;
}

/** What an application injects as `UpstreamTokens`: those of the current caller's server. */
@Injectable()
class CallerUpstreamTokens extends UpstreamTokens {
  constructor(private readonly issuers: TokenIssuers) {
    super();
  }

  override async get(subject: string | undefined): Promise<string | null> {
    return (await this.issuers.upstreamTokens()?.get(subject)) ?? null;
  }

  override async has(subject: string): Promise<boolean> {
    return (await this.issuers.upstreamTokens()?.has(subject)) ?? false;
  }

  override async put(subject: string, tokens: UpstreamTokenSet): Promise<void> {
    await this.issuers.upstreamTokens()?.put(subject, tokens);
  }

  override async delete(subject: string): Promise<void> {
    await this.issuers.upstreamTokens()?.delete(subject);
  }
}

/** One list for the whole application. */
@Global()
@Module({
  providers: [
    TokenIssuers,
    { provide: UpstreamTokens, useClass: CallerUpstreamTokens },
  ],
  exports: [TokenIssuers, UpstreamTokens],
})
export class TokenIssuersModule {}

/** What of its application a {@link TokenIssuer} works with. */
export interface TokenIssuerContext {
  readonly served: ServedResources;
  /** Its adapter comes later in a testing module, and never where there is no HTTP. */
  readonly adapterHost: HttpAdapterHost;
  readonly modules: ModuleRef;
  /** `secrets` of the module, which it has checked. */
  readonly secrets: readonly string[] | undefined;
  /** All of the application, to which the new one is added. */
  readonly issuers: TokenIssuers;
}

/**
 * Makes what issues tokens for one server.
 *
 * @throws Error naming the option, its value and the remedy
 * @publicApi
 */
export type TokenIssuerFactory = (
  context: TokenIssuerContext,
) => TokenIssuer | Promise<TokenIssuer>;

/**
 * Makes what the options ask for. The authorization server is loaded here, and
 * nowhere else: an application without one never loads it.
 *
 * @throws Error naming the option, its value and the remedy
 */
export async function createTokenIssuer(
  {
    authorizationServer,
    tokenIssuer,
  }: {
    readonly authorizationServer?: AuthorizationServerOptions;
    readonly tokenIssuer?: TokenIssuerFactory;
  },
  context: TokenIssuerContext,
): Promise<TokenIssuer> {
  if (authorizationServer) {
    const { AuthorizationServer } =
      await import('../../authorization-server/authorization-server.js');
    return new AuthorizationServer(authorizationServer, context);
  }
  return (await tokenIssuer?.(context)) ?? new NoTokenIssuer();
}
