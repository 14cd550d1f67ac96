import {
  Global,
  Injectable,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { type HttpAdapterHost, ModuleRef } from '@nestjs/core';
import { injectorsOf } from '../../nest/contracts.js';
import { McpApplicationModule } from '../../platform/mcp-application.js';
import { getAccessToken } from '../context/request-context.js';
import type { AccessToken } from '../token/access-token.js';
import type {
  AuthorizationServerOptions,
  ServedResources,
} from './authorization-server-options.interface.js';
import { InjectedOAuthClients, OAuthClients } from './oauth-clients.js';
import { NoTokenIssuer, type TokenIssuer } from './token.issuer.js';
import { UpstreamTokens, type UpstreamTokenSet } from './upstream-tokens.js';

/**
 * What issues tokens in one application. One alone has the root forms of the
 * metadata URLs, and may have the origin as its issuer (RFC 8414, section 3.1).
 */
@Injectable()
export class TokenIssuers {
  private readonly all = new Set<TokenIssuer>();
  private readonly byName = new Map<string, TokenIssuer>();

  /** @param name of the server that it issues tokens for */
  add(issuer: TokenIssuer, name?: string): void {
    this.all.add(issuer);
    if (name !== undefined) {
      this.byName.set(name, issuer);
    }
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
   * Clients of the only authorization server.
   *
   * @param use what asks for them, for the message
   * @throws Error where there is none, or no telling which
   */
  onlyClients(use: string): OAuthClients {
    const [clients, ...others] = [...this.all].flatMap(
      (it) => it.clients ?? [],
    );
    if (!clients) {
      throw new Error(
        `${use}, but there is no authorization server. Set ` +
          'auth.authorizationServer, or remove it.',
      );
    }
    if (others.length > 0) {
      throw new Error(
        `${use}, and there are several authorization servers. Ask ` +
          'McpOAuthClients for the clients of one.',
      );
    }
    return clients;
  }

  /** @throws Error for a name that no authorization server has */
  clientsOf(name: string): OAuthClients {
    const clients = this.byName.get(name)?.clients;
    if (!clients) {
      const names = [...this.byName.keys()].map((known) => `"${known}"`);
      throw new Error(
        `McpOAuthClients.of("${name}"): no authorization server has this ` +
          `name. There is ${names.join(', ') || 'none'}.`,
      );
    }
    return clients;
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

/**
 * The clients of an application with several authorization servers. Where there
 * is one, inject `OAuthClients` itself.
 *
 * ```ts
 * constructor(clients: McpOAuthClients) {
 *   this.clients = clients.of('notes');
 * }
 * ```
 *
 * @publicApi
 */
@Injectable()
export class McpOAuthClients {
  private readonly wanted = new Set<string>();

  constructor(private readonly issuers: TokenIssuers) {}

  /**
   * The clients of one authorization server.
   *
   * @param server `name` of the MCP server that it is for, or of
   *   `McpAuthorizationServerModule`; a name that none has stops the application
   *   at start-up
   */
  of(server: string): OAuthClients {
    this.wanted.add(server);
    return new InjectedOAuthClients(() => this.issuers.clientsOf(server));
  }

  /** @throws Error for a name that no authorization server has */
  check(): void {
    for (const server of this.wanted) {
      this.issuers.clientsOf(server);
    }
  }
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
  imports: [McpApplicationModule],
  providers: [
    TokenIssuers,
    McpOAuthClients,
    {
      provide: OAuthClients,
      useFactory: (issuers: TokenIssuers) =>
        new InjectedOAuthClients(() => issuers.onlyClients('OAuthClients')),
      inject: [TokenIssuers],
    },
    { provide: UpstreamTokens, useClass: CallerUpstreamTokens },
  ],
  exports: [TokenIssuers, McpOAuthClients, OAuthClients, UpstreamTokens],
})
export class TokenIssuersModule implements OnApplicationBootstrap {
  constructor(
    private readonly modules: ModuleRef,
    private readonly issuers: TokenIssuers,
    private readonly clients: McpOAuthClients,
  ) {}

  /** @throws Error where clients are injected that could be those of several servers, or of none */
  onApplicationBootstrap(): void {
    this.clients.check();
    const injected = this.modules.get<object>(OAuthClients);
    const [injector] = injectorsOf(this.modules, injected, TokenIssuersModule);
    if (injector !== undefined && injected instanceof InjectedOAuthClients) {
      this.issuers.onlyClients(`${injector} injects OAuthClients`);
    }
  }
}

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
