import type { ExecutionContext } from '@nestjs/common';
import type { AccessToken } from '../access-token.js';
import { type AccessRule, readAccessRule } from './access-rule.js';

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
