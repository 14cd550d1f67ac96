import type {
  ClientCapabilities,
  CreateMessageRequest,
  CreateMessageResult,
  ElicitRequest,
  ElicitResult,
  Root,
} from '@modelcontextprotocol/client';
import type { OptionKeys } from '../options/option-keys.js';

/** How a client of `createMcpClient()` connects, and what it answers. @publicApi */
export interface McpTestClientOptions {
  /**
   * `'modern'`: 2026-07-28. `'legacy'`: the revisions before it, beginning with
   * `initialize`. @default 'modern'
   */
  readonly era?: 'modern' | 'legacy';
  /** Access token, sent as `Authorization: Bearer`. @default none */
  readonly token?: string;
  /** Headers of every request, such as those of an API key or a tenant. @default none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Name or full path of the server, where the application has several. */
  readonly server?: string;

  /**
   * Answers what a tool asks the person: a form, or to open a URL. Left out,
   * the client says that it cannot ask anybody.
   */
  readonly elicit?: (
    params: ElicitRequest['params'],
  ) => ElicitResult | Promise<ElicitResult>;
  /** Answers what a tool asks the model. Left out, the client says that it has none. */
  readonly sample?: (
    params: CreateMessageRequest['params'],
  ) => CreateMessageResult | Promise<CreateMessageResult>;
  /** Folders that the client shows. Left out, it says that it has none to show. */
  readonly roots?: readonly Root[] | (() => readonly Root[]);
  /** Capabilities that the client declares, each in place of the one that the answers above give it. */
  readonly capabilities?: ClientCapabilities;
}

export const TEST_CLIENT_KEYS: OptionKeys<McpTestClientOptions> = {
  era: true,
  token: true,
  headers: true,
  server: true,
  elicit: 'method',
  sample: 'method',
  roots: 'method',
  capabilities: true,
};
