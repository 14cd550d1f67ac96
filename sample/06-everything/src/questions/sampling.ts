import type { McpContext } from 'nestjs-mcp';

type SamplingParams = Parameters<McpContext['sample']>[0];
type SamplingResult = Awaited<ReturnType<McpContext['sample']>>;

/** One question to the client's model. */
export const userMessage = (
  text: string,
  maxTokens: number,
): SamplingParams => ({
  messages: [{ role: 'user', content: { type: 'text', text } }],
  maxTokens,
});

/** What the model said, without what it drew or wanted to call. */
export const textOf = ({ content }: SamplingResult): string =>
  [content]
    .flat()
    .map((block) => (block.type === 'text' ? block.text : `(${block.type})`))
    .join('\n');
