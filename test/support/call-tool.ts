import { rpc, type Era, type RpcOptions } from './json-rpc.js';

/** One content block of a result, as it came over the wire. */
export interface ContentBlock {
  readonly type: string;
  readonly text?: string;
  readonly data?: string;
  readonly mimeType?: string;
  readonly resource?: {
    readonly uri: string;
    readonly mimeType?: string;
    readonly blob?: string;
    readonly text?: string;
  };
}

/** The result of a tool call, as it came over the wire. */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  readonly isError: boolean;
  /** The texts of all text blocks. */
  readonly text: string;
}

/** One entry of `tools/list`, as it came over the wire. */
export interface ListedTool {
  readonly name: string;
  readonly title?: string;
  readonly description?: string;
  readonly inputSchema: Record<string, unknown> & {
    properties?: Record<string, Record<string, unknown>>;
    required?: string[];
  };
  readonly outputSchema?: Record<string, unknown>;
  readonly annotations?: Record<string, unknown>;
  readonly icons?: unknown[];
  readonly _meta?: Record<string, unknown>;
}

/** Calls a tool; throws where the answer is no result. */
export async function callTool(
  endpoint: string,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  options: RpcOptions & { readonly era?: Era } = {},
): Promise<ToolResult> {
  const answer = await rpc(
    endpoint,
    options.era ?? 'modern',
    'tools/call',
    { name, arguments: args },
    options,
  );
  const result = answer.response?.result;
  if (!result) {
    throw new Error(`HTTP ${answer.status} for ${name}: ${answer.text}`);
  }
  const content = result['content'] as ContentBlock[];
  return {
    content,
    structuredContent: result['structuredContent'],
    isError: result['isError'] === true,
    text: content
      .filter((block) => block.type === 'text')
      .map((block) => block.text)
      .join('\n'),
  };
}

/** The whole tool list, in the order of the server. */
export async function listTools(
  endpoint: string,
  options: RpcOptions & { readonly era?: Era } = {},
): Promise<ListedTool[]> {
  const answer = await rpc(
    endpoint,
    options.era ?? 'modern',
    'tools/list',
    {},
    options,
  );
  const tools = answer.response?.result?.['tools'];
  if (!Array.isArray(tools)) {
    throw new Error(`HTTP ${answer.status} for tools/list: ${answer.text}`);
  }
  return tools as ListedTool[];
}

/** Names of the tools, in the order of the server. */
export const toolNames = async (endpoint: string): Promise<string[]> =>
  (await listTools(endpoint)).map((tool) => tool.name);
