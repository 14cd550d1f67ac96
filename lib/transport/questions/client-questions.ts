import {
  type CreateMessageRequestParams,
  inputRequired,
  inputResponse,
  type Root,
} from '@modelcontextprotocol/server';
import type { SamplingResult } from '../../invocation/call/answers.interface.js';
import type { Question } from './question.interface.js';

/** Asks the client's model. */
export function samplingQuestion(
  key: string,
  params: CreateMessageRequestParams,
): Question<SamplingResult> {
  return {
    key,
    request: inputRequired.createMessage(params),
    read: (response) => {
      const view = inputResponse({ response }, 'response');
      return view.kind === 'sampling' ? view.result : undefined;
    },
  };
}

/** Asks the client which folders it works in. */
export function rootsQuestion(key: string): Question<readonly Root[]> {
  return {
    key,
    request: inputRequired.listRoots(),
    read: (response) => {
      const view = inputResponse({ response }, 'response');
      return view.kind === 'roots' ? view.roots : undefined;
    },
  };
}
