import { Global, Injectable, Module } from '@nestjs/common';
import { Observable, Subject } from 'rxjs';
import type { AccessToken } from '../access-token.js';
import type {
  EventSubject,
  McpSecurityEvent,
} from './security-event.interface.js';

/**
 * What happens at the doors of all servers of the application, for logs and
 * alarms. Inject it and subscribe; no token is ever part of an event.
 *
 * @example
 * ```ts
 * constructor(events: McpSecurityEvents) {
 *   events.stream.subscribe((event) => this.audit.write(event));
 * }
 * ```
 * @publicApi
 */
@Injectable()
export class McpSecurityEvents {
  private readonly subject = new Subject<McpSecurityEvent>();
  /** What happens from now on; nothing is kept for later subscribers. */
  readonly stream: Observable<McpSecurityEvent> = this.subject.asObservable();

  /** Tells subscribers. What is costly to find out is best made here, as nobody may listen. */
  emit(make: () => McpSecurityEvent): void {
    if (this.subject.observed) {
      this.subject.next(make());
    }
  }
}

/** What events tell of a caller. */
export function eventSubject(token: AccessToken | null): EventSubject {
  return {
    subject: token?.subject,
    clientId: token?.clientId,
    issuer: token?.issuer,
  };
}

/** One stream for the whole application. */
@Global()
@Module({ providers: [McpSecurityEvents], exports: [McpSecurityEvents] })
export class McpSecurityEventsModule {}
