import type { CallToolResult } from '@modelcontextprotocol/server';
import type { Logger, Type } from '@nestjs/common';
import {
  CallCancelledError,
  CallTimeoutError,
  McpError,
  OtherRouteError,
  RefusedArgumentError,
} from './call/call.errors.js';
import { mapRedirect, mapRefusal } from './result/refusal.js';
import type { RouteResponse } from './route/route-response.js';

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

/** What a call came to: the protocol's result, and what the transport must know beside it. */
export interface ToolOutcome {
  readonly result: CallToolResult;
  /**
   * The HTTP status with which the route (or the provider's guard) refused the
   * caller. The transport turns it into a challenge where it still can.
   */
  readonly refusal?: 401 | 403;
}

/** Why an operation that is no tool has nothing to answer. */
export interface OperationFailure {
  /** Whose fault it is; `missing` where there is no such thing. */
  readonly fault: 'missing' | 'caller' | 'server';
  /** For the caller. */
  readonly message: string;
  /** The HTTP status with which the caller was refused. */
  readonly refusal?: 401 | 403;
}

/** What an operation that is no tool came to. */
export type OperationOutcome<R> =
  { readonly result: R } | { readonly failure: OperationFailure };

/** Where failures are told, and how large an answer may be. */
export interface FailureOptions {
  /** For the log: `Resource "docs://handbook"`. */
  readonly label: string;
  readonly maxResultBytes: number;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/** The failure that a response stands for; undefined for a good one. */
export function failureOfResponse(
  response: RouteResponse,
  options: FailureOptions,
): OperationFailure | undefined {
  const { status, body } = response;
  if (status >= 500) {
    options.logger.error(
      `${options.label} answered ${status}: ${body.toString('utf8', 0, 2000)}`,
    );
    return INTERNAL;
  }
  if (status >= 400) {
    const { result, refusal } = mapRefusal(response, {
      ...options,
      toolName: '',
      pretty: false,
      narrowingArguments: [],
    });
    return {
      fault: status === 404 ? 'missing' : 'caller',
      message: textOf(result),
      ...(refusal && { refusal }),
    };
  }
  return status >= 300
    ? { fault: 'server', message: textOf(mapRedirect(response).result) }
    : undefined;
}

/**
 * The failure that an error stands for: what is meant for the caller, a timeout
 * and a cancellation tell so; anything else is told to the log alone.
 */
export function failureOfError(
  error: unknown,
  { label, logger }: FailureOptions,
): OperationFailure {
  if (
    McpError.is(error) ||
    error instanceof RefusedArgumentError ||
    error instanceof OtherRouteError
  ) {
    return { fault: 'caller', message: error.message };
  }
  if (error instanceof CallTimeoutError) {
    logger.warn(`${label}: ${error.message}`);
    return { fault: 'server', message: error.message };
  }
  if (error instanceof CallCancelledError) {
    return { fault: 'server', message: error.message };
  }
  logger.error(
    `${label} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
  return INTERNAL;
}

/** The failure of an answer that passes the limit. */
export function tooLarge({
  maxResultBytes,
}: Pick<FailureOptions, 'maxResultBytes'>): OperationFailure {
  return {
    fault: 'server',
    message: `The result is larger than ${maxResultBytes} bytes.`,
  };
}

/** What callers are told of a fault that is not theirs. */
export const INTERNAL: OperationFailure = {
  fault: 'server',
  message: 'Internal error',
};

function textOf({
  content: [first],
}: ReturnType<typeof mapRedirect>['result']): string {
  return first?.type === 'text' ? first.text : '';
}
