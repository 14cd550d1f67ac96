import type {
  ReadResourceResult,
  Resource as ResourceDefinition,
  ResourceTemplateType,
} from '@modelcontextprotocol/server';
import type { McpModuleOptions } from '../mcp-options.interface.js';
import type { Call } from '../invocation/call/call.interface.js';
import type { Operation } from '../invocation/operation.interface.js';
import type { OperationOutcome } from '../invocation/operation-outcome.js';
import type { UriTemplate } from './uri.template.js';

/** One resource, or all those of a template. Its name among operations is its URI. */
export interface Resource extends Operation {
  readonly kind: 'resource';
  /** The entry of `resources/list` or `resources/templates/list`, ready to send. */
  readonly definition: ResourceDefinition | ResourceTemplateType;
  /** Undefined for a fixed URI. */
  readonly template: UriTemplate | undefined;
  /** What clients are told of how long the content holds. */
  readonly cache: McpModuleOptions['cache'];
  /** Validates, invokes and maps; the arguments of the call are the template's variables. */
  read(call: Call): Promise<OperationOutcome<ReadResourceResult>>;
}
