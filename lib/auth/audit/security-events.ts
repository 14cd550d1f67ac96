import { Global, Injectable, Module } from '@nestjs/common';
import { Observable, Subject } from 'rxjs';
import type { AccessToken } from '../token/access-token.js';

/** Who an event is about, as far as it is known. Never the token. */
interface EventSubject {
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly issuer: string | undefined;
}

/**
 * Something that happened at the door, or behind it.
 *
 * @publicApi
 */
export type McpSecurityEvent =
  /** A token was accepted. */
  | ({ readonly type: 'authenticated' } & EventSubject)
  /** Nobody was let in: no token, a bad one, or one that could not be judged. */
  | {
      readonly type: 'refused';
      readonly status: number;
      /** The OAuth error code that was answered. */
      readonly error: string;
    }
  /** A good token lacked scopes. */
  | ({
      readonly type: 'scope_missing';
      readonly scopes: readonly string[];
    } & EventSubject)
  /** Somebody could not log in at a page of the authorization server. */
  | {
      readonly type: 'login_failed';
      /**
       * `'credentials'`: what was entered was wrong. `'ended'`: it was, once too
       * often, and the login is over. `'slowed'`: nobody looked, as there were too
       * many failures before.
       */
      readonly reason: 'credentials' | 'ended' | 'slowed';
      readonly clientId: string;
      readonly issuer: string;
      /** Where the attempt came from: `request.ip`. */
      readonly address: string;
      /** SHA-256 of the account in hexadecimal: equal ones are told by it. People enter passwords there, too. */
      readonly accountDigest: string;
    }
  /** A client presented a wrong secret at an endpoint of the authorization server. */
  | {
      readonly type: 'client_failed';
      /** `'slowed'`: it was not let through, right or wrong, as there were too many failures before. */
      readonly reason: 'credentials' | 'slowed';
      readonly clientId: string;
      readonly issuer: string;
      /** Where the request came from: `request.ip`. */
      readonly address: string;
    }
  /** A tool was called, a resource read, a prompt taken, a completion asked for. */
  | ({
      readonly type: 'call';
      readonly kind: 'tool' | 'resource' | 'prompt' | 'completion';
      /** Of the tool or prompt; URI, or URI template, of the resource. */
      readonly name: string;
      /** Milliseconds. */
      readonly duration: number;
      /** `'input_required'`: the client was asked for more, and will call again. */
      readonly outcome: 'success' | 'error' | 'refused' | 'input_required';
      /** SHA-256 of the arguments as JSON, in hexadecimal: equal calls are told by it, values are not. */
      readonly argumentsDigest: string;
    } & EventSubject);

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
