import type {
  CallHandler,
  ExecutionContext,
  NestInterceptor,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import { progressOf } from '../call/mcp-call.js';
import { progressMessage } from '../call/call.interface.js';

/**
 * Reports what a route's Observable emits to a tool call that asked for
 * progress. The result stays what HTTP gives: the last value. Requests that are
 * no tool call pass untouched.
 */
export class RouteProgressInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const report = progressOf(
      context.switchToHttp().getRequest<{ raw?: object }>(),
    );
    if (!report) {
      return next.handle();
    }
    let emitted = 0;
    return next
      .handle()
      .pipe(
        tap((value) => report(++emitted, undefined, progressMessage(value))),
      );
  }
}
