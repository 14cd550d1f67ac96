import type { ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../token/access-token.js';
import {
  type AccessPredicate,
  AUTHORIZE_METADATA,
  PUBLIC_METADATA,
  SCOPES_METADATA,
} from './access.decorators.js';

/** Tells what the operations of a request ask of their caller. */
export abstract class OperationAccess {
  /** One rule for each operation; the caller must satisfy all of them. */
  abstract rulesOf(context: ExecutionContext): readonly AccessRule[];

  /**
   * The same as far as the caller may know: the rule of an operation that does
   * not exist for it is that of an unknown one. Asked where a request is about
   * to be refused; null stands for an anonymous caller.
   */
  knownRulesOf(
    context: ExecutionContext,
    _token: AccessToken | null,
  ): Promise<readonly AccessRule[]> {
    return Promise.resolve(this.rulesOf(context));
  }
}

/** An ordinary route is one operation, and its decorators are its rule. */
export class RouteAccess extends OperationAccess {
  rulesOf(context: ExecutionContext): readonly AccessRule[] {
    return [readAccessRule(context.getClass(), context.getHandler())];
  }
}

/** What a tool, or a route, asks of its caller. */
export interface AccessRule {
  /** Every one is needed. */
  readonly scopes: readonly string[];
  /** No token is needed. */
  readonly isPublic: boolean;
  /** Every one must hold. */
  readonly predicates: readonly AccessPredicate[];
}

/** The rule of something that asks for what its server asks for, and no more. */
export const PLAIN_RULE: AccessRule = {
  scopes: [],
  isPublic: false,
  predicates: [],
};

/**
 * Reads the rule of a method from its decorators and its class's.
 *
 * @throws Error where one and the same place says both public and scoped
 */
export function readAccessRule(owner: object, handler: object): AccessRule {
  const ofClass = readPlace(owner, () => nameOf(owner) ?? '');
  const ofMethod = readPlace(
    handler,
    () => `${nameOf(owner)}.${nameOf(handler)}`,
  );
  if (ofClass === PLAIN_RULE && ofMethod === PLAIN_RULE) {
    return PLAIN_RULE;
  }
  return {
    scopes: ofMethod.isPublic
      ? []
      : [...new Set([...ofClass.scopes, ...ofMethod.scopes])],
    isPublic:
      ofMethod.isPublic || (ofClass.isPublic && ofMethod.scopes.length === 0),
    predicates: [...ofClass.predicates, ...ofMethod.predicates],
  };
}

const nameOf = (target: object): string | undefined =>
  (target as { name?: string }).name;

function readPlace(target: object, name: () => string): AccessRule {
  const scopes = (Reflect.getMetadata(SCOPES_METADATA, target) ??
    []) as string[];
  const isPublic = Reflect.hasMetadata(PUBLIC_METADATA, target);
  const predicates = (Reflect.getMetadata(AUTHORIZE_METADATA, target) ??
    []) as AccessPredicate[];
  if (isPublic && scopes.length > 0) {
    throw new Error(
      `${name()} carries both @McpPublic() and @McpScopes(). Remove one: what ` +
        'needs no token cannot ask for scopes.',
    );
  }
  return scopes.length === 0 && !isPublic && predicates.length === 0
    ? PLAIN_RULE
    : { scopes, isPublic, predicates };
}
