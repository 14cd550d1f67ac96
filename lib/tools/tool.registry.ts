import type {
  CallToolResult,
  Tool as ToolDefinition,
} from '@modelcontextprotocol/server';
import { Injectable, type Type } from '@nestjs/common';
import type { Call } from '../invocation/call/call.interface.js';
import type { CallResult, Operation } from '../invocation/call-result.js';
import type { ProviderTarget } from '../invocation/provider/provider.invoker.js';
import type { OperationMetadata } from '../nest/operation-metadata.js';
import type { Route, RouteUrl } from '../nest/route.interface.js';
import { OperationRegistry } from '../server/operation.registry.js';
import type { McpToolOptions } from './tool.decorator.js';

/** A route that may become a tool: one URL of one method. */
export interface RouteCandidate {
  readonly kind: 'route';
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly moduleName: string;
  readonly options: McpToolOptions;
  /** Whether `@McpTool()` asks for it; false for what `expose: 'all'` found. */
  readonly isDecorated: boolean;
  readonly origin: string;
  readonly route: Route;
  readonly url: RouteUrl;
  readonly httpMethod: string;
  readonly operation: OperationMetadata;
  /** Headers that select the version, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A provider's method that is a tool. */
export interface ProviderCandidate {
  readonly kind: 'provider';
  readonly owner: Type<unknown>;
  readonly methodName: string;
  readonly moduleName: string;
  readonly options: McpToolOptions;
  readonly origin: string;
  readonly wrapper: ProviderTarget['wrapper'];
}

/** What the explorer found, before names and filters. */
export type ToolCandidate = RouteCandidate | ProviderCandidate;

/** One exposed tool: what the client is told, and what happens when it is called. */
export interface Tool extends Operation {
  readonly kind: 'tool';
  /** The entry of `tools/list`, ready to send. */
  readonly definition: ToolDefinition;
  /** What a person is asked before each call; undefined for a tool that asks nothing. */
  readonly confirm: string | undefined;
  /** Validates, invokes and maps; never throws for what a caller or a route did. */
  call(call: Call): Promise<CallResult<CallToolResult>>;
}

/** The tools of one server. */
@Injectable()
export class ToolRegistry extends OperationRegistry<Tool> {
  /** Clients that fold case must not mix two tools up. */
  protected override keysOf({ name }: Tool): readonly string[] {
    return [name.toLowerCase()];
  }
}
