import { Injectable, Logger } from '@nestjs/common';
import type { AccessToken } from '../../auth/token/access-token.js';
import type { AccessPredicate } from '../../auth/access/access.decorators.js';
import {
  type AccessRule,
  readAccessRule,
} from '../../auth/access/access-rule.js';
import { ServerAuth } from '../../auth/server/server-auth.js';
import type { Operation, OperationKind } from '../../invocation/call-result.js';
import { listedNames } from '../../tools/tool-report.js';

/** Who may see, and call, what a server offers: one predicate for both. */
@Injectable()
export class CallAccess {
  private readonly rules = new WeakMap<Operation, AccessRule>();
  private readonly offered = new Map<OperationKind, readonly Operation[]>();
  private readonly logger = new Logger('McpAuthorize');
  private hasPublic = false;

  constructor(private readonly auth: ServerAuth) {}

  /** Looks at every set of operations before it is served. */
  watch(
    kind: OperationKind,
    registry: {
      addCheck(check: (operations: readonly Operation[]) => void): void;
    },
  ): void {
    registry.addCheck((operations) => this.check(kind, operations));
  }

  /** Whether callers without a token find anything here. */
  get hasPublicOperations(): boolean {
    return this.hasPublic;
  }

  ruleOf(operation: Operation): AccessRule {
    const known = this.rules.get(operation);
    if (known) {
      return known;
    }
    const rule = readAccessRule(operation.owner, operation.handler);
    this.rules.set(operation, rule);
    return rule;
  }

  /** Whether it exists for this caller: what does not is called in vain, as any unknown name. */
  exists(
    { kind, name, owner, handler }: Operation,
    token: AccessToken | null,
  ): boolean | Promise<boolean> {
    return (
      this.auth.showsAll ||
      this.auth.shows({ kind, name, owner, handler, token })
    );
  }

  /** Whether its predicates let this call through; one that throws refuses. */
  permits(
    operation: Operation,
    token: AccessToken | null,
    args: Readonly<Record<string, unknown>>,
  ): boolean | Promise<boolean> {
    if (!this.allows(operation, token)) {
      return false;
    }
    const { predicates } = this.ruleOf(operation);
    return (
      predicates.length === 0 ||
      this.allHold(operation, predicates, token, args)
    );
  }

  /** Whether the caller has the scopes. */
  allows(operation: Operation, token: AccessToken | null): boolean {
    return this.auth.allows(token, [this.ruleOf(operation)]);
  }

  /** Whether the caller may know of it at all, and call it. */
  async reaches(
    operation: Operation,
    token: AccessToken | null,
  ): Promise<boolean> {
    return (
      this.allows(operation, token) && (await this.exists(operation, token))
    );
  }

  private async allHold(
    { origin }: Operation,
    predicates: readonly AccessPredicate[],
    token: AccessToken | null,
    args: Readonly<Record<string, unknown>>,
  ): Promise<boolean> {
    for (const predicate of predicates) {
      try {
        // What only counts as true may be a promise or a message by mistake.
        if ((await predicate(token, args)) !== true) {
          return false;
        }
      } catch (error) {
        this.logger.warn(
          `@McpAuthorize() of ${origin} threw, and the call was refused: ${String(error)}`,
        );
        return false;
      }
    }
    return true;
  }

  /**
   * Tells the log of a server that lets clients in without a token and hides
   * from them what a login would open, unless the options ask for just that.
   *
   * @param name of the server
   */
  tellOfOpenDoor(name: string): void {
    const { hidesUnauthorized, settings } = this.auth;
    if (!hidesUnauthorized || settings.hideUnauthorized === true) {
      return;
    }
    const listed = [...this.offered.values()]
      .flat()
      .filter(({ kind }) => kind !== 'completion');
    const open = listed.filter((each) => this.ruleOf(each).isPublic);
    const hidden = listed.length - open.length;
    if (open.length > 0 && hidden > 0) {
      new Logger('McpModule').warn(
        `The MCP server "${name}" lets clients in without logging in, as ` +
          `@McpPublic() opens ${listedNames(open.map((each) => each.name))}. ` +
          `They are not shown the ${hidden === 1 ? 'other one' : `${hidden} others`}, ` +
          'and many log in only when they are refused. Set auth.hideUnauthorized: false, which shows all and asks ' +
          'for the login when one of those is called, or true to keep them hidden.',
      );
    }
  }

  /**
   * Makes the scopes of the operations known to clients.
   *
   * @throws Error for one that asks for scopes of tokens nobody verifies
   */
  private check(kind: OperationKind, operations: readonly Operation[]): void {
    for (const operation of operations) {
      const { scopes, predicates } = this.ruleOf(operation);
      if (
        !this.auth.verifiesTokens &&
        (scopes.length > 0 || predicates.length > 0)
      ) {
        throw new Error(
          `The ${kind} of ${operation.origin} asks who calls it, by @McpScopes() or ` +
            '@McpAuthorize(), but its server verifies no tokens. Set auth in ' +
            'McpModule.forRoot(), or remove the decorator.',
        );
      }
    }
    this.offered.set(kind, operations);
    const rules = [...this.offered.values()]
      .flat()
      .map((operation) => this.ruleOf(operation));
    this.auth.scopes.advertise([
      ...new Set(rules.flatMap(({ scopes }) => scopes)),
    ]);
    this.hasPublic = rules.some(({ isPublic }) => isPublic);
  }
}
