import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { CallToolResult } from '@modelcontextprotocol/server';
import { AccessToken } from '../auth/token/access-token.js';
import { ServerAuth } from '../auth/server/server-auth.js';
import type { Call } from '../invocation/call/call.interface.js';
import { Cancellation } from '../invocation/call/cancellation.js';
import { silentClientLink } from '../invocation/call/client-link.js';
import { ToolRegistry } from '../tools/tool.registry.js';
import { CallAccess } from '../transport/calls/call-access.js';
import { CallRunner } from '../transport/calls/call.runner.js';
import { ServerEvents } from '../transport/list-changes/server-events.js';
import { runRequest } from '../transport/request/endpoint-request.js';
import { localRequest } from '../transport/request/local-request.js';
import { growing } from '../transport/client-link/progress-reporter.js';
import { asCaller } from '../transport/request/local-request.js';
import { callTool } from '../transport/calls/call-refusal.js';
import { failed } from '../invocation/call-result.js';
import { failedResult } from '../invocation/result/failure.js';
import { checkOptions, type OptionKeys } from '../options/option-keys.js';

/** How `McpRegistry.call()` calls. @publicApi */
export interface LocalCallOptions {
  /**
   * Whom the call is made for: a token that was verified, such as that of the
   * request being served (`getAccessToken()`), or one made out for an agent of
   * the application; null for nobody in particular.
   */
  readonly identity: AccessToken | null;
  /** Aborts the call. */
  readonly signal?: AbortSignal;
  /** Told how far the call is; values that do not grow are dropped. @default nobody */
  readonly reportProgress?: (
    progress: number,
    total?: number,
    message?: string,
  ) => void;
}

const LOCAL_CALL_KEYS: OptionKeys<LocalCallOptions> = {
  identity: true,
  signal: true,
  reportProgress: true,
};

/** Calls tools for the application itself, as a client with that identity would. */
@Injectable()
export class InProcessCalls {
  constructor(
    private readonly tools: ToolRegistry,
    private readonly auth: ServerAuth,
    private readonly access: CallAccess,
    private readonly runner: CallRunner,
    private readonly events: ServerEvents,
    private readonly adapterHost: HttpAdapterHost,
  ) {}

  /**
   * @throws Error for a tool that does not exist for this identity, and without
   * an identity
   */
  async call(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: LocalCallOptions,
  ): Promise<CallToolResult> {
    const identity = this.identityOf(options);
    checkOptions('McpRegistry.call(name, args, …)', options, LOCAL_CALL_KEYS);
    return asCaller(this.auth, identity, async () => {
      const tool = this.tools.get(name);
      if (!tool || !(await this.access.exists(tool, identity))) {
        throw new Error(`Unknown tool: ${name}${this.whyNoRoutes()}`);
      }
      if (identity?.isExpired()) {
        return failedResult(
          failed('caller', 'The identity has expired').failure,
        );
      }
      const request = await localRequest(this.auth, identity);
      const call: Call = {
        kind: 'tool',
        name,
        arguments: args,
        request,
        response: undefined,
        cancellation: new Cancellation(options.signal),
        reportProgress:
          options.reportProgress && growing(options.reportProgress),
        channel: silentClientLink((event) => this.events.publish(event)),
      };
      return runRequest({ request, response: undefined }, () =>
        this.runner.runLocal(
          {
            operation: tool,
            arguments: args,
            invoke: (authorized) => callTool(tool, authorized),
            tell: failedResult,
          },
          call,
          identity,
        ),
      );
    });
  }

  /** Where there is no adapter, a route is no tool, and the caller could wonder why. */
  private whyNoRoutes(): string {
    const adapter = this.adapterHost.httpAdapter as unknown;
    return adapter
      ? ''
      : '. Routes are no tools here, as this application has no HTTP. Create ' +
          'it by NestFactory.create(), or by createNestApplication() of a ' +
          'testing module, and call init().';
  }

  /** Left out is not nobody: who forgets it must not call as such. */
  private identityOf(options: LocalCallOptions): AccessToken | null {
    const identity = (options as Partial<LocalCallOptions> | undefined)
      ?.identity;
    if (identity !== null && !AccessToken.is(identity)) {
      throw new Error(
        'McpRegistry.call() needs { identity }: an AccessToken, or null for ' +
          'nobody in particular.',
      );
    }
    if (!identity && this.auth.enabled && !this.auth.verifiesTokens) {
      throw new Error(
        'auth.verifier is false, so that guards of the endpoint decide on ' +
          'callers, and McpRegistry.call() has no request for them to look ' +
          'at. Say who the caller is: identity: new AccessToken({ … }).',
      );
    }
    return identity;
  }
}
