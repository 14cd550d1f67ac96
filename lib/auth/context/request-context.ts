import type { IncomingHttpHeaders } from 'node:http';
import { ScopeSlot } from '../../context/scope-slot.js';
import type { HttpPlatform } from '../../platform/http-platform.js';
import type { McpApplication } from '../../platform/mcp-application.js';
import type { AccessToken } from '../token/access-token.js';
import {
  createParamDecorator,
  type ExecutionContext,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { isWithheldHeader } from '../../platform/header-rules.js';

/**
 * Who a token speaks for: client, issuer and subject, so that a refreshed token
 * is the same caller. One that names neither client nor subject may be
 * anybody's, and stands for itself alone.
 */
export function identityOf(token: AccessToken): readonly unknown[] {
  const { clientId, issuer, subject, tokenType } = token;
  return clientId === undefined && subject === undefined
    ? ['token', tokenType, issuer ?? null, token.token]
    : ['user', clientId ?? null, issuer ?? null, subject ?? null];
}

/**
 * Who sends the current request, for whatever belongs to one caller: a session,
 * the state of a call, a share of a limit. It can be made JSON of, and holds
 * secrets: keep a digest of it. A caller whom the application's own guards
 * verified is known by its `Authorization` and `X-Api-Key` headers alone, so
 * that a new one is a new caller.
 *
 * @param token of the request; null where no guard of ours verified one
 */
export function callerIdentity(token: AccessToken | null): readonly unknown[] {
  if (token) {
    return identityOf(token);
  }
  const { authorization = null, 'x-api-key': key = null } = currentHeaders();
  return ['header', authorization, key];
}

/** What is known of the request being served, from any depth. */
interface RequestContext {
  readonly headers: IncomingHttpHeaders;
  token: AccessToken | null;
  missing: MissingScopes;
  readonly asserted: string[];
}

/** Tells which of these scopes a token does not have, as its server reads scopes. */
export type MissingScopes = (
  token: AccessToken,
  scopes: readonly string[],
) => readonly string[];

const missingExactly: MissingScopes = (token, scopes) =>
  scopes.filter((scope) => !token.hasScope(scope));

const current = new ScopeSlot<RequestContext>();

/**
 * The verified token of the request being served, from any depth; null where
 * the caller is anonymous, and outside a request.
 *
 * @publicApi
 */
export function getAccessToken(): AccessToken | null {
  return current.get()?.token ?? null;
}

/** The headers of the request being served; empty outside one. */
export function currentHeaders(): IncomingHttpHeaders {
  return current.get()?.headers ?? {};
}

/** Notes scopes that a tool has asked for while it ran, so that the challenge can name them. */
export function noteAsserted(scopes: readonly string[]): void {
  current.get()?.asserted.push(...scopes);
}

/** Scopes that the tool has asked for while it ran. */
export function assertedScopes(): readonly string[] {
  return [...new Set(current.get()?.asserted)];
}

/** Which of these scopes the token lacks, by the rules of the server that the request was sent to. */
export function missingScopes(
  token: AccessToken,
  scopes: readonly string[],
): readonly string[] {
  return (current.get()?.missing ?? missingExactly)(token, scopes);
}

/** Notes who the caller of the current request is. To be called by the guard alone. */
export function setCurrentToken(
  token: AccessToken | null,
  missing: MissingScopes,
): void {
  const context = current.get();
  if (context) {
    context.token = token;
    context.missing = missing;
  }
}

/**
 * Lets guards further in note another caller than the one the current request
 * came with, which stays its own.
 */
export function runNested<T>(serve: () => T): T {
  const context = current.get();
  return context ? current.run({ ...context }, serve) : serve();
}

/** Gives what came by another way than HTTP a context of its own; it has no headers. */
export function withoutRequest<T>(serve: () => T): T {
  return current.run(contextOf({}), serve);
}

/**
 * Gives every request of the application a context. A tool's inner request
 * shares that of the call, and with it the caller. Further calls do nothing.
 */
export function installRequestContext(application: McpApplication): void {
  application.install(enterContexts);
}

const enterContexts = (platform: HttpPlatform): void =>
  platform.onRequest(({ headers }, next) => enter(headers, next));

function enter(headers: IncomingHttpHeaders, next: () => void): void {
  if (current.get()) {
    next();
  } else {
    current.run(contextOf(headers), next);
  }
}

function contextOf(headers: IncomingHttpHeaders): RequestContext {
  return { headers, token: null, missing: missingExactly, asserted: [] };
}

/**
 * The headers of the request being served, with lower-case names. Empty outside
 * a request; never throws.
 *
 * @param options `include` names headers, in any case, that are wanted although
 * they are sensitive: `authorization`, `cookie`
 * @publicApi
 */
export function getHttpHeaders(
  options: { readonly include?: readonly string[] } = {},
): Record<string, string> {
  const included = new Set(options.include?.map((name) => name.toLowerCase()));
  return Object.fromEntries(
    Object.entries(currentHeaders()).flatMap(([name, value]) =>
      value !== undefined && (included.has(name) || !isWithheldHeader(name))
        ? [[name, [value].flat().join(', ')]]
        : [],
    ),
  );
}

/**
 * A parameter decorator that takes data and pipes. Written out, as the type
 * that Nest 12 infers names another that Nest 11 does not have.
 */
type DecoratorOf<Data> = (
  ...dataOrPipes: (Type<PipeTransform> | PipeTransform | Data)[]
) => ParameterDecorator;

/** The caller's verified {@link AccessToken}; null where the caller is anonymous. @publicApi */
export const McpToken: DecoratorOf<never> = createParamDecorator(() =>
  getAccessToken(),
);

/**
 * What the application's own guard, or the `resolveUser` option, made of the
 * caller: `request.user`.
 *
 * @publicApi
 */
export const McpUser: DecoratorOf<string> = createParamDecorator(
  (property: string | undefined, context: ExecutionContext): unknown => {
    const { user } = context
      .switchToHttp()
      .getRequest<{ user?: Record<string, unknown> }>();
    return property === undefined ? user : user?.[property];
  },
);

/** The caller's headers except the sensitive ones, see {@link getHttpHeaders}. @publicApi */
export const McpHeaders: DecoratorOf<readonly string[]> = createParamDecorator(
  (include: readonly string[] | undefined) =>
    getHttpHeaders(include ? { include } : {}),
);
