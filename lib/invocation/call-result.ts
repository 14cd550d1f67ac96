import type { Type } from '@nestjs/common';

/** What a client can ask a server for by name. @publicApi */
export type OperationKind = 'tool' | 'resource' | 'prompt' | 'completion';

/** One thing that a server offers, and the code behind it. */
export interface Operation {
  readonly kind: OperationKind;
  /** Name of the tool or prompt; URI or URI template of the resource. */
  readonly name: string;
  /** Controller or provider, and its method: the carriers of decorators. */
  readonly owner: Type<unknown>;
  readonly handler: object;
  /** For messages: `GET /countries/:code (CountriesController.findOne)`. */
  readonly origin: string;
}

/** What a call came to: the protocol's result, or why there is none. */
export type CallResult<R> =
  { readonly result: R; readonly failure?: undefined } | FailedCall;

/** A call without a result. */
export interface FailedCall {
  readonly result?: undefined;
  readonly failure: CallFailure;
}

/** Why a call has no result. */
export interface CallFailure {
  /** Whose fault it is; `missing` where nothing has the name that was asked for. */
  readonly fault: 'missing' | 'caller' | 'server';
  /** For the caller. */
  readonly message: string;
  /** The HTTP status with which a route, a guard or a rule answered, if one did. */
  readonly status?: number;
  /** What a route said in JSON, for callers that read structured content. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** What was thrown where the call is run, for the log. */
  readonly cause?: unknown;
}

/** What callers of resources, prompts and completions are told of a fault of the server. */
export const INTERNAL: CallFailure = {
  fault: 'server',
  message: 'Internal error',
};

/** @param message for the caller */
export function failed(
  fault: CallFailure['fault'],
  message: string,
): FailedCall {
  return { failure: { fault, message } };
}

/** Whether the caller was turned away: a challenge may then help. */
export function isRefused({ status }: CallFailure): boolean {
  return status === 401 || status === 403;
}
