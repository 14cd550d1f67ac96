import { HttpException, type Type } from '@nestjs/common';
import {
  ContextIdFactory,
  ModuleRef,
  type DiscoveryService,
  type ExternalContextCreator,
} from '@nestjs/core';
import { AsyncLocalStorage } from 'node:async_hooks';
import { isObservable } from 'rxjs';
import {
  describeParameters,
  PARAMETERS_KEY,
  parametersFactory,
} from '../nest/provider-parameters.js';
import { markCall } from './call/mcp-call.js';
import { McpContext } from './call/mcp-context.js';
import type { ToolCall } from './call/tool-call.interface.js';
import type { ToolOutcome } from './call/tool-outcome.interface.js';
import { untilEnded } from './call/until-ended.js';
import { exceptionResponse } from './provider/exception-response.js';
import { collect } from './provider/observable-collector.js';
import { createStandInResponse } from './provider/stand-in-response.js';
import { callerOf } from './request/caller.js';
import { createInnerRequest } from './request/inner-request.js';
import { mapFailure, mapResult } from './result.mapper.js';
import type { ResultOptions } from './result/result-options.interface.js';
import { mapReturnValue } from './return-value.js';

/** A provider method that is a tool. */
export interface ProviderTarget {
  /** The provider's wrapper, as `DiscoveryService.getProviders()` gives it. */
  readonly wrapper: ReturnType<DiscoveryService['getProviders']>[number];
  /** The class that declares the method. */
  readonly owner: Type<unknown>;
  readonly methodName: string;
}

/** Calls one provider method and maps what comes of it; never throws. */
export type ProviderMethod = (
  args: Readonly<Record<string, unknown>>,
  call: ToolCall,
  options: ResultOptions & { readonly timeoutMs: number },
) => Promise<ToolOutcome>;

type Pipeline = (
  request: unknown,
  response: unknown,
  args: Readonly<Record<string, unknown>>,
  context: McpContext,
) => Promise<unknown>;

type Handler = (...args: unknown[]) => unknown;

/**
 * Calls provider methods with their guards, pipes, interceptors and filters,
 * in a context of type `'mcp'` whose first arguments are an HTTP request and
 * response.
 */
export class ProviderInvoker {
  private readonly creator: ExternalContextCreator;
  private readonly running = new AsyncLocalStorage<McpContext>();

  constructor(creator: ExternalContextCreator) {
    const running = this.running;
    // Nest keeps the last value of an Observable alone; every other part of the
    // creator stays as it is.
    this.creator = Object.create(creator, {
      transformToResult: {
        value: (result: unknown) => collected(result, running.getStore()),
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
    return (args, call, options) => this.call(pipelineFor, args, call, options);
  }

  private async call(
    pipelineFor: (request: unknown) => Pipeline | Promise<Pipeline>,
    args: Readonly<Record<string, unknown>>,
    call: ToolCall,
    options: ResultOptions & { readonly timeoutMs: number },
  ): Promise<ToolOutcome> {
    const { timeoutMs, maxResultBytes } = options;
    const ending = new AbortController();
    const context = new McpContext(call, ending.signal);
    const caller = callerOf(call.request);
    markCall(context, {
      call: { toolName: call.toolName },
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
      return await untilEnded(call.signal, timeoutMs, ending, () =>
        this.running.run(context, async () => {
          const pipeline = await pipelineFor(request);
          const { response } = standIn;
          // An exception filter may answer with an Observable of its own.
          const value = await collected(
            await pipeline(request, response, args, context),
            context,
          );
          const answer = standIn.answer();
          return answer !== undefined
            ? mapResult(answer, options)
            : mapReturnValue(value, options);
        }),
      );
    } catch (error) {
      // A filter that answers returns nothing, for which Nest throws again what
      // it was given. Fastify's hooks may take a turn before the answer is out.
      await new Promise((resolve) => setImmediate(resolve));
      const answer = standIn.answer();
      if (answer !== undefined) {
        return mapResult(answer, options);
      }
      return error instanceof HttpException
        ? mapResult(exceptionResponse(error, standIn.headers()), options)
        : mapFailure(error, options);
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
  context: McpContext | undefined,
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
