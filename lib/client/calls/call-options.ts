import type {
  CallToolResult,
  ContentBlock,
  Progress,
} from '@modelcontextprotocol/client';
import { McpCallError } from '../client.errors.js';
import { checkOptions, type OptionKeys } from '../../options/option-keys.js';

/** How one request is made. @publicApi */
export interface McpClientCallOptions {
  /** Aborts the request, and tells the server. The call then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Milliseconds to wait for the answer; progress begins them anew. @default `timeout` of the server */
  readonly timeout?: number;
  /** Called as often as the server tells how far it is. */
  readonly onProgress?: (progress: Progress) => void;
}

const CALL_KEYS: OptionKeys<McpClientCallOptions> = {
  signal: true,
  timeout: true,
  onProgress: 'function',
};

/** @throws Error for an option that does not exist */
export function checkCallOptions(options: McpClientCallOptions): void {
  checkOptions('options of a call: …', options, CALL_KEYS);
}

/** What a tool gave. @publicApi */
export interface McpToolResult<Result = unknown> {
  /** As its output schema describes it; undefined where the tool gives none. */
  readonly structuredContent: Result;
  /** All text of `content`, one block a line. */
  readonly text: string;
  readonly content: readonly ContentBlock[];
}

/** @throws McpCallError where the tool failed */
export function toolResult<Result>(
  server: string,
  { content, structuredContent, isError }: CallToolResult,
): McpToolResult<Result> {
  const text = content
    .flatMap((block) => (block.type === 'text' ? [block.text] : []))
    .join('\n');
  if (isError) {
    throw new McpCallError(server, text || 'the tool failed', {
      details: { content, structuredContent },
    });
  }
  return { structuredContent: structuredContent as Result, text, content };
}
