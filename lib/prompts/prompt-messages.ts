import type { GetPromptResult } from '@modelcontextprotocol/server';
import { type CallResult, INTERNAL } from '../invocation/call-result.js';
import { failureOfResponse, tooLarge } from '../invocation/result/failure.js';
import type { FailureOptions } from '../invocation/result/result-options.js';
import type { RouteResponse } from '../invocation/route/route-response.js';
import { envelopeHint } from '../invocation/result/json-result.js';
import {
  contentKindOf,
  decodeText,
  mediaTypeOf,
} from '../invocation/result/binary-result.js';

type Outcome = CallResult<GetPromptResult>;
type Message = GetPromptResult['messages'][number];

/** How what a method returned becomes messages. */
interface MessageOptions extends FailureOptions {
  /** Of `@McpPrompt()`. */
  readonly description: string | undefined;
}

/** Maps a text, a message, an array of either, or a finished result. */
export function mapMessages(value: unknown, options: MessageOptions): Outcome {
  const written = (value as { messages?: unknown } | null | undefined)
    ?.messages;
  const messages = messagesOf(value);
  if (!messages) {
    options.logger.error(
      `${options.label} returned no prompt: return a text, a message ` +
        '({ role, content }), an array of them, or { messages }.' +
        envelopeHint(value, (inner) => messagesOf(inner) !== undefined),
    );
    return { failure: INTERNAL };
  }
  const result: GetPromptResult = {
    ...(options.description !== undefined && {
      description: options.description,
    }),
    ...(Array.isArray(written) && (value as GetPromptResult)),
    messages,
  };
  return Buffer.byteLength(JSON.stringify(result)) > options.maxResultBytes
    ? tooLarge(options)
    : { result };
}

/** Maps what a filter answered in place of the method. */
export function mapMessagesResponse(
  response: RouteResponse,
  options: MessageOptions,
): Outcome {
  const failure = failureOfResponse(response, options);
  if (failure) {
    return { failure };
  }
  if (response.stopped) {
    return tooLarge(options);
  }
  const { headers, body } = response;
  const contentType = headers['content-type'];
  const text = decodeText(body, contentType);
  return mapMessages(
    contentKindOf(mediaTypeOf(contentType), body) === 'json'
      ? parse(text)
      : text,
    options,
  );
}

/** Undefined for an empty list, and for one with something else among the messages. */
function messagesOf(value: unknown): Message[] | undefined {
  const written = (value as { messages?: unknown } | null | undefined)
    ?.messages;
  const list = Array.isArray(written) ? written : [value].flat();
  const messages = list.map(messageOf);
  return messages.length > 0 &&
    messages.every((each): each is Message => each !== undefined)
    ? messages
    : undefined;
}

function messageOf(value: unknown): Message | undefined {
  if (typeof value === 'string') {
    return { role: 'user', content: { type: 'text', text: value } };
  }
  const { role, content } = (value ?? {}) as Record<string, unknown>;
  if (role !== 'user' && role !== 'assistant') {
    return undefined;
  }
  if (typeof content === 'string') {
    return { role, content: { type: 'text', text: content } };
  }
  const { type } = (content ?? {}) as Record<string, unknown>;
  return typeof type === 'string' ? (value as Message) : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
