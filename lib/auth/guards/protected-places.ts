import { Global, Injectable, Module, type Type } from '@nestjs/common';
import type { OperationAccess } from '../access/operation.access.js';
import { checkDistinctTokens } from './distinct-tokens.js';
import type { ServerAuth } from './server-auth.js';

/** An MCP endpoint, or the ordinary routes of the application, with what decides on their callers. */
export interface ProtectedPlace {
  readonly auth: ServerAuth;
  readonly operations: OperationAccess;
  /** Controller of the endpoint; undefined for ordinary routes. */
  readonly endpoint?: Type<unknown>;
  /** Name of the MCP server; undefined for ordinary routes. */
  readonly name?: string;
}

/** Injection token of the place of an endpoint's own guard; of no other. */
export const OWN_PLACE = 'nestjs-mcp:own-place';

/** Every place of the application, so that a guard never takes another's rules for its own. */
@Injectable()
export class ProtectedPlaces {
  private readonly places: ProtectedPlace[] = [];

  add(place: ProtectedPlace): void {
    this.places.push(place);
  }

  /** The place that a controller belongs to. */
  of(controller: Type<unknown>): ProtectedPlace {
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

  /**
   * The place of ordinary routes: that of `McpAuthModule`, else that of the only
   * MCP server with tokens.
   *
   * @throws Error where there is none, or no telling which
   */
  routes(): ProtectedPlace {
    const own = this.places.filter(({ endpoint }) => !endpoint);
    const candidates =
      own.length > 0
        ? own
        : this.places.filter(({ auth }) => auth.verifiesTokens);
    const [place, ...others] = candidates;
    if (!place?.auth.verifiesTokens) {
      throw new Error(
        'McpAuthGuard protects a route, but nothing verifies tokens. Import ' +
          'McpAuthModule.forRoot() with a verifier, or remove the guard.',
      );
    }
    if (others.length > 0) {
      throw new Error(
        'McpAuthGuard protects a route, and several servers verify tokens. ' +
          'Import McpAuthModule.forRoot(), once, to say which tokens ordinary ' +
          'routes take.',
      );
    }
    return place;
  }
}

/** One list for the whole application. */
@Global()
@Module({ providers: [ProtectedPlaces], exports: [ProtectedPlaces] })
export class ProtectedPlacesModule {}
