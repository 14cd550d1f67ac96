import { SetMetadata, type CustomDecorator } from '@nestjs/common';
import type { AccessPredicate } from './access-predicate.js';

/** Strings, not symbols: a process may load both module formats of this package. */
export const SCOPES_METADATA = 'nestjs-mcp:scopes';
export const PUBLIC_METADATA = 'nestjs-mcp:public';
export const AUTHORIZE_METADATA = 'nestjs-mcp:authorize';

/**
 * Asks for scopes, all of them, on a tool or on every tool of a controller;
 * those of class and method add up. They decide what is listed as well as what
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
export const McpScopes = (...scopes: [string, ...string[]]): CustomDecorator =>
  SetMetadata(SCOPES_METADATA, scopes);

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
 * arguments. A predicate that throws refuses.
 *
 * @publicApi
 */
export const McpAuthorize = (predicate: AccessPredicate): CustomDecorator =>
  SetMetadata(AUTHORIZE_METADATA, predicate);
