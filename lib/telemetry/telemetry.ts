import { Injectable, type OnModuleInit } from '@nestjs/common';
import { loadOpenTelemetry } from './request-observer.js';
import type {
  NoteFailure,
  ObservedRequest,
  ObservedSession,
} from './observed-request.interface.js';
import { RequestObserver } from './request-observer.js';

/**
 * Spans and metrics of what clients call, by OpenTelemetry: where
 * `@opentelemetry/api` is installed, and a provider was registered with it
 * before the application started. Else it does nothing at all.
 */
@Injectable()
export class Telemetry implements OnModuleInit {
  private observer: RequestObserver | undefined;

  async onModuleInit(): Promise<void> {
    const api = await loadOpenTelemetry();
    this.observer = api && new RequestObserver(api);
  }

  /** Whether spans and metrics go anywhere. */
  get isActive(): boolean {
    return this.observer !== undefined;
  }

  /** Serves a request in a span of its own, and measures it. */
  observe<T>(
    request: ObservedRequest,
    serve: (noteFailure?: NoteFailure) => Promise<T>,
  ): Promise<T> {
    return this.observer ? this.observer.observe(request, serve) : serve();
  }

  /** To be called when a session is over. */
  noteSession(session: ObservedSession): void {
    this.observer?.noteSession(session);
  }
}
