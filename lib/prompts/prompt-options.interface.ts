import type { Icon } from '@modelcontextprotocol/server';
import type { SchemaSource } from '../schema/sources/schema-source.interface.js';
import type { OptionKeys } from '../options/option-keys.js';
import { ICON_KEYS } from '../tools/tool-options.interface.js';

/** Options of `@McpPrompt()`. @publicApi */
export interface McpPromptOptions {
  /**
   * Name of the prompt, unique among the server's.
   * @default `<class>_<method>` in snake_case
   */
  readonly name?: string;
  /** Name for people. */
  readonly title?: string;
  /** What it is for. */
  readonly description?: string;
  readonly icons?: readonly Icon[];
  /** Sent as the `_meta` of the list entry. */
  readonly _meta?: Readonly<Record<string, unknown>>;
  /**
   * Arguments, as an object schema. Clients send text; where the schema asks
   * for a number or a boolean, it is read as one.
   * @default the class of the first parameter, else none
   */
  readonly arguments?: SchemaSource;
  /**
   * Milliseconds until a call is given up.
   * @default the server's `timeout`
   */
  readonly timeout?: number;
}

export const PROMPT_KEYS: OptionKeys<McpPromptOptions> = {
  name: 'name',
  title: 'text',
  description: 'text',
  icons: ICON_KEYS,
  _meta: 'object',
  arguments: true,
  timeout: true,
};
