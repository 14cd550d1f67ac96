import type { ClientSettings } from '../config/client-settings.js';
import { Connections } from '../connection/connections.js';
import type { ClientParts } from '../connection/open-client.js';
import { CallHooks } from './call-hooks.js';
import type { McpClientCallOptions } from './call-options.js';
import { CallRunner } from './call.runner.js';
import { Subscriptions } from './subscription.js';
import { ToolNames } from './tool-names.js';
import type { TraceContext } from './trace-context.js';

/** What the clients of one server have in common, whomever they call for. */
export class CallServices {
  readonly names: ToolNames;
  readonly hooks: CallHooks;
  readonly connections: Connections;
  readonly runner: CallRunner;
  readonly subscriptions = new Subscriptions();

  constructor(
    readonly name: string,
    readonly settings: ClientSettings,
    private readonly parts: ClientParts,
  ) {
    this.names = new ToolNames(name, settings.tools);
    this.hooks = new CallHooks(name, settings.hooks);
    this.connections = new Connections(name, settings, parts);
    this.runner = new CallRunner(name, settings, this.connections);
  }

  /** Undefined where calls carry no trace on. */
  get trace(): TraceContext | undefined {
    return this.settings.traceContext === false ? undefined : this.parts.trace;
  }

  /** The options of a call, with the application's own handlers of progress told as well. */
  withProgress(
    tool: string,
    options: McpClientCallOptions,
  ): McpClientCallOptions {
    const tell = this.parts.answers(this.name).progress;
    return tell
      ? {
          ...options,
          onProgress: (progress) => {
            options.onProgress?.(progress);
            tell(tool, progress);
          },
        }
      : options;
  }
}
