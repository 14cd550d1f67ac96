import type { ExecutionContext } from '@nestjs/common';
import { type AccessRule, readAccessRule } from './access-rule.js';

/** Tells what the operations of a request ask of their caller. */
export abstract class OperationAccess {
  /** One rule for each operation; the caller must satisfy all of them. */
  abstract rulesOf(context: ExecutionContext): readonly AccessRule[];
}

/** An ordinary route is one operation, and its decorators are its rule. */
export class RouteAccess extends OperationAccess {
  rulesOf(context: ExecutionContext): readonly AccessRule[] {
    return [readAccessRule(context.getClass(), context.getHandler())];
  }
}
