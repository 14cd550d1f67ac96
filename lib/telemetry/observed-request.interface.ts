// Apart from what names types of `@opentelemetry/api`, which applications need not have.

/** A request as telemetry tells of it: nothing that a caller could have put a secret in. */
export interface ObservedRequest {
  /** `tools/call`. */
  readonly method: string;
  readonly kind: 'tool' | 'resource' | 'prompt' | 'completion';
  /** As registered, and so of few values: of a resource, its URI or URI template. */
  readonly name: string;
  readonly requestId: string | number;
  readonly protocolVersion: string | undefined;
  readonly sessionId: string | undefined;
  /** False over stdio. */
  readonly isHttp: boolean;
  /** The request's `_meta`, where its trace goes on. */
  readonly meta: Readonly<Record<string, unknown>> | undefined;
  readonly signal: AbortSignal;
}

/** Tells that the answer, though it is one, says of a failure: `tool_error`, or the code of a JSON-RPC error. */
export type NoteFailure = (type: string | number) => void;

/** A session that is over. */
export interface ObservedSession {
  /** Seconds. */
  readonly duration: number;
  readonly protocolVersion: string | undefined;
  /** False over stdio. */
  readonly isHttp: boolean;
}
