import { Injectable, type Type } from '@nestjs/common';
import type { OperationAccess } from '../access/access-rule.js';
import { comparableResource } from '../verifiers/audience-rule.js';
import type { AcceptedTokens } from '../verifiers/token-verifier.js';
import type { ServerAuth } from './server-auth.js';

/** An MCP server, and the tokens that get in. */
interface TokenTaker {
  readonly name: string;
  readonly accepts: readonly Required<AcceptedTokens>[];
}

/**
 * Keeps tokens to the server that they were issued for (MCP Authorization,
 * "Access Token Privilege Restriction").
 *
 * @throws Error naming two servers that accept the same tokens
 */
function checkDistinctTokens(servers: readonly TokenTaker[]): void {
  const takers = new Map<string, string>();
  for (const { name, accepts } of servers) {
    const own = accepts.flatMap(({ issuer, audience }) =>
      audience.map((each) => ({ issuer, audience: comparableResource(each) })),
    );
    for (const tokens of own) {
      const other = takers.get(JSON.stringify(tokens));
      if (other !== undefined) {
        throw new Error(
          `The MCP servers "${other}" and "${name}" accept the same tokens: ` +
            `those of issuer "${tokens.issuer}" for "${tokens.audience}". ` +
            'What was issued for one would open the other. Give each an ' +
            'audience of its own: auth.resource, or the audience of its verifier.',
        );
      }
    }
    for (const tokens of own) takers.set(JSON.stringify(tokens), name);
  }
}

/** An MCP endpoint, or the ordinary routes of the application, with what decides on their callers. */
export interface ProtectedResource {
  readonly auth: ServerAuth;
  readonly operations: OperationAccess;
  /** Controller of the endpoint; undefined for ordinary routes. */
  readonly endpoint?: Type<unknown>;
  /** Name of the MCP server; undefined for ordinary routes. */
  readonly name?: string;
}

/** Injection token of the place of an endpoint's own guard; of no other. */
export const ENDPOINT_RESOURCE = 'nestjs-mcp:own-place';

/** Every place of the application, so that a guard never takes another's rules for its own. */
@Injectable()
export class ProtectedResources {
  private readonly places: ProtectedResource[] = [];

  add(place: ProtectedResource): void {
    this.places.push(place);
  }

  /** The place that a controller belongs to. */
  of(controller: Type<unknown>): ProtectedResource {
    return (
      this.places.find(({ endpoint }) => endpoint === controller) ??
      this.routes()
    );
  }

  /** Whether a call may pass from the callers of one place to those of another. */
  get areSeveral(): boolean {
    return this.places.length > 1;
  }

  /** @throws Error where two servers that are ready accept the same tokens */
  checkDistinct(): void {
    checkDistinctTokens(
      this.places.flatMap(({ name, auth }) =>
        name === undefined ? [] : [{ name, accepts: auth.acceptedTokens }],
      ),
    );
  }

  /** The server of a name; undefined where none has it. */
  named(name: string): ServerAuth | undefined {
    return this.places.find((place) => place.name === name)?.auth;
  }

  /** `is "notes"`, for messages. */
  describeNames(): string {
    const names = this.places.flatMap(({ name, auth }) =>
      name !== undefined && auth.verifiesTokens ? [`"${name}"`] : [],
    );
    return names.length === 0 ? 'is none' : `is ${names.join(', ')}`;
  }

  /** The one whose tokens ordinary code takes; undefined where there is none, or no telling which. */
  get only(): ServerAuth | undefined {
    const [place, ...others] = this.candidates;
    return others.length === 0 ? place?.auth : undefined;
  }

  /** That of `McpAuthModule`, else those of the MCP servers with tokens. */
  private get candidates(): readonly ProtectedResource[] {
    const own = this.places.filter(({ endpoint }) => !endpoint);
    return own.length > 0
      ? own
      : this.places.filter(({ auth }) => auth.verifiesTokens);
  }

  /**
   * The place of ordinary routes: that of `McpAuthModule`, else that of the only
   * MCP server with tokens.
   *
   * @param use what asks for it, for the message
   * @throws Error where there is none, or no telling which
   */
  routes(use = 'McpAuthGuard protects a route'): ProtectedResource {
    const [place, ...others] = this.candidates;
    if (!place?.auth.verifiesTokens) {
      throw new Error(
        `${use}, but nothing verifies tokens. Import ` +
          'McpAuthModule.forRoot() with a verifier, or remove it.',
      );
    }
    if (others.length > 0) {
      throw new Error(
        `${use}, and several servers verify tokens. ` +
          'Import McpAuthModule.forRoot(), once, to say which tokens ordinary ' +
          'routes take; or ask McpTokenVerifiers for that of one server.',
      );
    }
    return place;
  }
}
