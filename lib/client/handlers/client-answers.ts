import type { Client, Progress } from '@modelcontextprotocol/client';

/** A list of a server that can change. @publicApi */
export type McpClientList = 'tools' | 'prompts' | 'resources';

/** What the application answers for one server. */
export interface ClientAnswers {
  readonly capabilities: NonNullable<
    NonNullable<ConstructorParameters<typeof Client>[1]>['capabilities']
  >;
  /** Whether somebody waits for changes of lists. */
  readonly wantsListChanges: boolean;
  /** Tells how far a call is; undefined where nobody waits for that. */
  readonly progress?: (tool: string, progress: Progress) => void;
  /** Has the client answer. */
  attach(client: Client): void;
  /** A list of the server has changed. */
  listChanged(list: McpClientList): void;
}
