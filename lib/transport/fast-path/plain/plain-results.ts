import {
  type CallToolResult,
  type Implementation,
  type InputRequiredResult,
  SERVER_INFO_META_KEY,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../../invocation/call/client-channel.interface.js';

/** Writes results that the SDK's server would let pass as they are; what is anything else is its own to write. */
export class PlainResults {
  private readonly ending: Record<ProtocolEra, string>;

  constructor(identity: Implementation) {
    const stamps = JSON.stringify({
      resultType: 'complete',
      _meta: { [SERVER_INFO_META_KEY]: identity },
    });
    this.ending = { modern: `,${stamps.slice(1)}`, legacy: '}' };
  }

  /** The result in JSON; undefined for one that is not plain. */
  write(
    {
      content,
      structuredContent,
      isError,
      ...others
    }: Partial<CallToolResult> & Partial<InputRequiredResult>,
    era: ProtocolEra,
  ): string | undefined {
    return Array.isArray(content) &&
      content.every(isPlainText) &&
      isPlainObject(structuredContent) &&
      (isError === undefined || typeof isError === 'boolean') &&
      Object.keys(others).length === 0
      ? JSON.stringify({ content, structuredContent, isError }).slice(0, -1) +
          this.ending[era]
      : undefined;
  }
}

function isPlainText(block: CallToolResult['content'][number]): boolean {
  const [first, second, ...others] = Object.keys(block);
  return (
    first === 'type' &&
    second === 'text' &&
    others.length === 0 &&
    block.type === 'text' &&
    typeof block.text === 'string'
  );
}

function isPlainObject(value: unknown): boolean {
  return (
    value === undefined ||
    (typeof value === 'object' &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype)
  );
}
