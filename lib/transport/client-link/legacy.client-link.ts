import {
  type InputRequest,
  type RequestOptions,
  SdkError,
  SdkErrorCode,
} from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import { McpError } from '../../invocation/call/call.errors.js';
import type { Question } from './elicitation.js';
import { SdkClientLink } from './sdk.client-link.js';

/** Milliseconds a person has for an answer. */
const ANSWER_TIMEOUT = 600_000;

/** How often a question is put again where the answer does not fit. */
const ATTEMPTS = 3;

/** Before 2026-07-28: questions are requests of ours, on the open stream of the call. */
export class LegacyClientLink extends SdkClientLink {
  readonly era = 'legacy';
  waiting = 0;
  private readonly made = new Map<string, Promise<unknown>>();

  protected async ask<T>(
    question: Question<T> | Promise<Question<T>>,
  ): Promise<T> {
    const { request, read } = await question;
    this.waiting += 1;
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const answer = read(await this.send(request));
        if (answer !== undefined) {
          return answer;
        }
      }
    } finally {
      this.waiting -= 1;
    }
    throw new McpError('The client gave no answer that fits the question.');
  }

  once<T>(key: string, make: () => T | Promise<T>): Promise<T> {
    const made = this.made.get(key) ?? Promise.resolve(make());
    this.made.set(key, made);
    return made as Promise<T>;
  }

  private async send(request: InputRequest): Promise<unknown> {
    const kind = nameOf(request);
    if (!this.canAnswer(request)) {
      throw new McpError(
        `This needs ${kind}, which the client does not support.`,
      );
    }
    try {
      return await this.dispatch(request, {
        relatedRequestId: this.requestId,
        signal: this.context.mcpReq.signal,
        timeout: ANSWER_TIMEOUT,
      });
    } catch (error) {
      if (this.context.mcpReq.signal.aborted) {
        throw error;
      }
      const late =
        error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout;
      throw new McpError(
        late
          ? `The client did not answer in time (${kind}).`
          : `The client could not answer (${kind}).`,
        { cause: error },
      );
    }
  }

  private dispatch(
    request: InputRequest,
    options: RequestOptions,
  ): Promise<unknown> {
    // `request` validates the answer's shape; what it says is for the question to judge.
    return this.server.request(
      (request.method === 'elicitation/create' && request.params.mode === 'url'
        ? {
            ...request,
            params: { ...request.params, elicitationId: randomUUID() },
          }
        : request) as never,
      options,
    );
  }

  private canAnswer(request: InputRequest): boolean {
    const { elicitation, sampling, roots } = this.client.capabilities;
    switch (request.method) {
      case 'elicitation/create':
        return request.params.mode === 'url'
          ? elicitation?.url !== undefined
          : elicitation?.form !== undefined ||
              (elicitation !== undefined && elicitation.url === undefined);
      case 'sampling/createMessage':
        return (
          sampling !== undefined &&
          (sampling.tools !== undefined || request.params.tools === undefined)
        );
      default:
        return roots !== undefined;
    }
  }
}

function nameOf(request: InputRequest): string {
  switch (request.method) {
    case 'elicitation/create':
      return request.params.mode === 'url' ? 'URL elicitation' : 'elicitation';
    case 'sampling/createMessage':
      return 'sampling';
    default:
      return 'roots';
  }
}
