import { HttpException, type Type } from '@nestjs/common';
import {
  ContextIdFactory,
  type DiscoveryService,
  type ExternalContextCreator,
  ModuleRef,
} from '@nestjs/core';
import { isObservable } from 'rxjs';
import {
  describeParameters,
  PARAMETERS_KEY,
  parametersFactory,
} from '../../nest/provider-methods.js';
import { CallContext } from '../call/call-context.js';
import { McpError } from '../call/call.errors.js';
import type { Call } from '../call/call.interface.js';
import { untilEnded } from '../call/cancellation.js';
import { markCall } from '../call/mcp-call.js';
import { callerOf } from '../route/caller.js';
import { createInnerRequest } from '../route/inner-request.js';
import type { RouteResponse } from '../route/route-response.js';
import { collect, emittedSoFar } from './return-value.js';
import { createStandInResponse } from './stand-in-response.js';

/**
 * The answer that Nest's own filter would give over HTTP.
 *
 * @param headers set before it was thrown, `Retry-After` for example
 */
function exceptionResponse(
  exception: HttpException,
  headers: RouteResponse['headers'],
): RouteResponse {
  const status = exception.getStatus();
  const response = exception.getResponse();
  const body =
    typeof response === 'string'
      ? { statusCode: status, message: response }
      : response;
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(body)),
  };
}

/** A provider method that clients can call. */
export interface ProviderTarget {
  /** The provider's wrapper, as `DiscoveryService.getProviders()` gives it. */
  readonly wrapper: ReturnType<DiscoveryService['getProviders']>[number];
  /** The class that declares the method. */
  readonly owner: Type<unknown>;
  readonly methodName: string;
}

/** What is made of the two ways in which a method can answer. */
export interface ProviderAnswer<R> {
  /** It returned something. */
  value(value: unknown): R | Promise<R>;
  /** A filter answered in its place, or Nest would have, over HTTP. */
  response(response: RouteResponse): R | Promise<R>;
  /**
   * The time was up while its Observable went on, which had emitted so much.
   * Without this, that is a timeout.
   */
  unended?(values: readonly unknown[]): R | Promise<R>;
}

/** How one call of a method is made. */
interface ProviderCallOptions {
  /** Milliseconds until the call is given up; 0 for never. */
  readonly timeoutMs: number;
  /** Bytes that a filter may answer. */
  readonly maxResultBytes: number;
}

/**
 * Calls one provider method.
 *
 * @throws McpError, CallTimeoutError, CallCancelledError, and any other error of
 * the method but an `HttpException`
 */
type ProviderMethod = <R>(
  call: Call,
  options: ProviderCallOptions,
  answer: ProviderAnswer<R>,
) => Promise<R>;

type Pipeline = (
  request: unknown,
  response: unknown,
  args: Readonly<Record<string, unknown>>,
  context: CallContext,
) => Promise<unknown>;

type Handler = (...args: unknown[]) => unknown;

/**
 * Calls provider methods with their guards, pipes, interceptors and filters,
 * in a context of type `'mcp'` whose first arguments are an HTTP request and
 * response.
 */
export class ProviderInvoker {
  private readonly creator: ExternalContextCreator;
  constructor(creator: ExternalContextCreator) {
    // Nest keeps the last value of an Observable alone; every other part of the
    // creator stays as it is.
    this.creator = Object.create(creator, {
      transformToResult: {
        value: (result: unknown) => collected(result, CallContext.current()),
      },
    }) as ExternalContextCreator;
  }

  /**
   * Builds the pipeline of a method: once, or with each call where the provider
   * or anything it depends on is bound to a request.
   */
  prepare({ wrapper, owner, methodName }: ProviderTarget): ProviderMethod {
    describeParameters(owner, methodName);
    const pipelineFor =
      wrapper.isDependencyTreeStatic() && !wrapper.isTransient
        ? always(this.pipeline(wrapper.instance as object, methodName))
        : (request: unknown) => this.scoped(wrapper, methodName, request);
    return (call, options, answer) =>
      this.call(pipelineFor, call, options, answer);
  }

  private async call<R>(
    pipelineFor: (request: unknown) => Pipeline | Promise<Pipeline>,
    call: Call,
    { timeoutMs, maxResultBytes }: ProviderCallOptions,
    answers: ProviderAnswer<R>,
  ): Promise<R> {
    const ending = new AbortController();
    const context = new CallContext(call, ending.signal);
    const caller = callerOf(call.request);
    markCall(context, {
      call: { kind: call.kind, name: call.name },
      auth: caller.auth,
      user: caller.user,
      reportProgress: call.reportProgress,
    });
    const request = call.request ?? createInnerRequest(NO_REQUEST, caller);
    const standIn = createStandInResponse(
      request,
      call.response,
      maxResultBytes,
    );
    try {
      return await untilEnded(
        call,
        timeoutMs,
        ending,
        () =>
          CallContext.run(context, async () => {
            const pipeline = await pipelineFor(request);
            const { response } = standIn;
            // An exception filter may answer with an Observable of its own.
            const value = await collected(
              await pipeline(request, response, call.arguments, context),
              context,
            );
            const answer = standIn.answer();
            return answer !== undefined
              ? answers.response(answer)
              : answers.value(value);
          }),
        () => {
          const values = answers.unended && emittedSoFar(ending.signal);
          return values && (async () => answers.unended?.(values) as R)();
        },
      );
    } catch (error) {
      // A filter that answers returns nothing, for which Nest throws again what
      // it was given. Fastify's hooks may take a turn before the answer is out.
      await new Promise((resolve) => setImmediate(resolve));
      const answer = standIn.answer();
      if (answer !== undefined) {
        return answers.response(answer);
      }
      if (error instanceof HttpException && !McpError.is(error)) {
        return answers.response(exceptionResponse(error, standIn.headers()));
      }
      throw error;
    }
  }

  private async scoped(
    wrapper: ProviderTarget['wrapper'],
    methodName: string,
    request: unknown,
  ): Promise<Pipeline> {
    const contextId = ContextIdFactory.getByRequest(request as object);
    const moduleRef = wrapper.host?.getProviderByKey(ModuleRef)
      ?.instance as ModuleRef;
    moduleRef.registerRequestByContextId(
      wrapper.isDependencyTreeDurable() ? contextId.payload : request,
      contextId,
    );
    const instance: object = await moduleRef.resolve(
      wrapper.token as Type,
      contextId,
    );
    return this.pipeline(instance, methodName, contextId, wrapper.id);
  }

  private pipeline(
    instance: object,
    methodName: string,
    contextId?: ReturnType<typeof ContextIdFactory.create>,
    inquirerId?: string,
  ): Pipeline {
    return this.creator.create(
      instance as never,
      (instance as Record<string, Handler>)[methodName] as Handler,
      methodName,
      PARAMETERS_KEY,
      parametersFactory,
      contextId,
      inquirerId,
      { guards: true, interceptors: true, filters: true },
      'mcp',
    );
  }
}

const NO_REQUEST = { method: 'POST', url: '/', headers: { host: 'localhost' } };

async function collected(
  result: unknown,
  context: CallContext | undefined,
): Promise<unknown> {
  return isObservable(result) && context !== undefined
    ? await collect(result, context.signal, (...progress) =>
        context.reportProgress(...progress),
      )
    : result;
}

function always(pipeline: Pipeline): () => Pipeline {
  return () => pipeline;
}
