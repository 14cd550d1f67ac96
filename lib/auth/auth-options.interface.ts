import type { Type } from '@nestjs/common';
import type { AccessToken } from './token/access-token.js';
import {
  AUTHORIZATION_SERVER_KEYS,
  type AuthorizationServerOptions,
} from './issuer/authorization-server-options.interface.js';
import type { TokenIssuerFactory } from './issuer/token-issuers.js';
import type { McpAuthProvider } from './credentials/auth.provider.js';
import type { AudienceOption } from './verifiers/audience-rule.js';
import {
  JWT_VERIFIER_KEYS,
  type JwtVerifierOptions,
} from './verifiers/jwt/jwt-options.interface.js';
import { isVerifier, type TokenVerifier } from './verifiers/token-verifier.js';
import type { OptionKeys } from '../options/option-keys.js';

/**
 * How one server, or ordinary controllers, ask for OAuth access tokens.
 *
 * @publicApi
 */
export interface McpAuthOptions {
  /**
   * The public URL of the MCP endpoint, as clients are given it (RFC 8707,
   * RFC 9728): what tokens must be issued for. A list where it has several
   * names. @default derived from the request on a loopback bind; anywhere else
   * the application stops
   */
  readonly resource?: string | readonly string[];
  /**
   * Issuers of tokens, as clients look them up (RFC 8414).
   * @default the verifier's `issuer`
   */
  readonly authorizationServers?: readonly string[];

  /**
   * The identity provider, in place of `verifier`: its `issuer`, letter for
   * letter. Tokens are then checked by a `ProviderTokenVerifier`.
   */
  readonly issuer?: string;
  /** This server, as a client of the provider, for introspection (RFC 7662). */
  readonly clientId?: string;
  /** Secret that goes with `clientId`. It stays in this process. */
  readonly clientSecret?: string;
  /** `aud` of the provider's tokens. @default it has to name `resource` */
  readonly audience?: AudienceOption;

  /**
   * An authorization server of the application itself, for this server: with a
   * login of its own, or in front of an identity provider. Needs the package
   * `oidc-provider`. @default none
   */
  readonly authorizationServer?: AuthorizationServerOptions;
  /**
   * What issues tokens in place of `authorizationServer`, such as that of
   * `fromAuthConfig()` of `nestjs-mcp/fastapi-mcp`. @default none
   */
  readonly tokenIssuer?: TokenIssuerFactory;

  /**
   * Judges tokens: options of `JwtTokenVerifier`, a verifier, or its class.
   * `false` leaves it to `guards` alone, or to guards of the whole application;
   * without any, the application does not start.
   * @default the application's provider of `TokenVerifier`
   */
  readonly verifier?:
    JwtVerifierOptions | TokenVerifier | Type<TokenVerifier> | false;
  /**
   * Finds the caller in a request, in place of the bearer token in the
   * `Authorization` header. @default the application's provider of
   * `McpAuthProvider`, else `BearerAuthProvider`
   */
  readonly provider?: McpAuthProvider | Type<McpAuthProvider>;
  /** Scopes that every request needs. @default none */
  readonly requiredScopes?: readonly string[];
  /**
   * Scopes that the metadata document names. @default `requiredScopes`, and
   * those of `@McpScopes()` on tools; for `McpAuthModule` on ordinary routes,
   * whose decorators are not looked for, `requiredScopes` alone
   */
  readonly scopesSupported?: readonly string[];
  /**
   * Scopes that the challenge of a 401 names beside those that the request
   * needs. Clients ask for what it names, and for nothing that only the metadata
   * document lists: set it for those that cannot ask for more later.
   * @default none
   */
  readonly challengeScopes?: readonly string[];
  /** Name of the resource for people, in the metadata document. */
  readonly resourceName?: string;
  /** URL of a page for developers, in the metadata document. */
  readonly resourceDocumentation?: string;
  /**
   * Refuses plain http with 403, except on loopback. Behind a proxy, have the
   * framework trust its forwarded headers. @default false
   */
  readonly requireHttps?: boolean;
  /**
   * Makes `request.user` of a token. A Promise is awaited; where it rejects,
   * the request fails. @default `request.user` is left alone
   */
  readonly resolveUser?: (token: AccessToken, request: unknown) => unknown;
  /**
   * Seconds after which the token of a stream that stays open is verified again:
   * one that was revoked, or has other rights by now, ends the stream, and the
   * client opens another. Answers that the verifier keeps count as such. A
   * verifier that cannot tell ends it after five times as long. `false` leaves
   * streams open until the token expires. @default 60
   */
  readonly recheckStreamsAfter?: number | false;
  /**
   * Leaves tools, resources and prompts out of lists that the caller may not
   * use: for scopes that the token lacks, or for want of a token. `false` lists
   * them, and a call of one is answered with the challenge. Beside `@McpPublic()`
   * entries, clients that log in only when they are refused need `false`: they
   * get in without a token, and call nothing that they do not see. @default true
   */
  readonly hideUnauthorized?: boolean;
  /** Tells in the `_meta` of tools how they may be called, as ChatGPT reads it. @default false */
  readonly securitySchemes?: boolean;
}

/**
 * Options of `McpAuthModule`, for ordinary controllers.
 *
 * @publicApi
 */
export interface McpAuthModuleOptions extends McpAuthOptions {
  /**
   * Paths that need no token: `'/health'` alone, `'/public/*'` with all below.
   * Compared as they were sent; what is encoded or has dots is never excluded.
   * @default none
   */
  readonly excludedPaths?: readonly string[];
  /**
   * Secrets of 32 characters or more, for the cookies of `authorizationServer`
   * and the tokens of its provider: the first is used, all are accepted. The
   * same on every instance of the application.
   * @default a random one, outside production alone
   */
  readonly secrets?: readonly string[];
}

export const AUTH_KEYS: OptionKeys<McpAuthOptions> = {
  resource: true,
  authorizationServers: 'texts',
  issuer: true,
  clientId: true,
  clientSecret: true,
  audience: true,
  authorizationServer: AUTHORIZATION_SERVER_KEYS,
  tokenIssuer: true,
  verifier: (given) =>
    given === false || typeof given === 'function' || isVerifier(given)
      ? undefined
      : JWT_VERIFIER_KEYS,
  provider: true,
  requiredScopes: 'texts',
  scopesSupported: 'texts',
  recheckStreamsAfter: true,
  challengeScopes: 'texts',
  resourceName: true,
  resourceDocumentation: true,
  requireHttps: 'flag',
  resolveUser: 'function',
  hideUnauthorized: 'flag',
  securitySchemes: 'flag',
};

export const AUTH_MODULE_KEYS: OptionKeys<McpAuthModuleOptions> = {
  ...AUTH_KEYS,
  excludedPaths: 'texts',
  secrets: true,
};
