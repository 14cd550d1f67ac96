import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { AccessToken } from '../token/access-token.js';

/**
 * Decides on one call: `true` lets it through, and nothing else does. The token
 * is null for an anonymous call of a public tool.
 *
 * @publicApi
 */
export type AccessPredicate = (
  token: AccessToken | null,
  args: Readonly<Record<string, unknown>>,
) => boolean | Promise<boolean>;

/** Strings, not symbols: a process may load both module formats of this package. */
export const SCOPES_METADATA = 'nestjs-mcp:scopes';
export const PUBLIC_METADATA = 'nestjs-mcp:public';
export const AUTHORIZE_METADATA = 'nestjs-mcp:authorize';

/**
 * Asks for scopes, all of them, on a tool or on every tool of a controller;
 * those of class and method add up, as do those of several decorators in one
 * place. They decide what is listed as well as what
 * may be called, and hold over REST where `McpAuthGuard` is on the route.
 *
 * @example
 * ```ts
 * @Post()
 * @McpTool()
 * @McpScopes('notes:write')
 * create(@Body() note: NoteDto) {}
 * ```
 * @publicApi
 */
export const McpScopes = (
  ...scopes: [string, ...string[]]
): CustomDecorator => {
  if (scopes.length === 0 || !scopes.every(isName)) {
    throw new Error(
      '@McpScopes() names no scope, or something that is none. Give scopes as ' +
        "texts, each an argument of its own: @McpScopes('notes:read').",
    );
  }
  return addMetadata<string>(SCOPES_METADATA, scopes);
};

/**
 * Lists a tool, and lets it be called, without a token. A token that is sent
 * all the same must be a good one. What a method asks for wins over its class.
 *
 * @publicApi
 */
export const McpPublic = (): CustomDecorator =>
  SetMetadata(PUBLIC_METADATA, true);

/**
 * Lets a call through only where the predicate holds for its token and
 * arguments. Of several decorators, on class and method or in one place, every
 * predicate must return `true`. One that throws refuses, and the log says so.
 *
 * @publicApi
 */
export const McpAuthorize = (predicate: AccessPredicate): CustomDecorator => {
  if (typeof predicate !== 'function') {
    throw new Error(
      `@McpAuthorize() was given ${predicate === null ? 'null' : typeof predicate}, ` +
        'which would let everybody through. Give a function.',
    );
  }
  return addMetadata<AccessPredicate>(AUTHORIZE_METADATA, [predicate]);
};

/** As Nest's `SetMetadata`, beside what another decorator in the same place has set. */
function addMetadata<T>(key: string, values: readonly T[]): CustomDecorator {
  const decorate = (
    target: object,
    property?: string | symbol,
    descriptor?: { readonly value?: unknown },
  ): void => {
    const place = (descriptor?.value ?? target) as object;
    const others = (Reflect.getOwnMetadata(key, place) ?? []) as readonly T[];
    SetMetadata(key, [...values, ...others])(
      target as never,
      property as never,
      descriptor as never,
    );
  };
  return Object.assign(decorate, { KEY: key });
}

function isName(scope: unknown): boolean {
  return typeof scope === 'string' && scope !== '';
}
