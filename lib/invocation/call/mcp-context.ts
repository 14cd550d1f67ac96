import {
  createParamDecorator,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { CallContext } from './call-context.js';

const decorator = createParamDecorator(() => CallContext.current()) as (
  ...pipes: (Type<PipeTransform> | PipeTransform)[]
) => ParameterDecorator;

/**
 * What a method may know of the MCP call that it serves, and say and ask while
 * it runs. The second argument of a provider's method; injected anywhere:
 *
 * ```ts
 * constructor(private readonly mcp: McpContext) {}
 * ```
 *
 * and as a parameter of a route, where it is undefined in a plain HTTP request:
 *
 * ```ts
 * @Delete(':id')
 * @McpTool()
 * async remove(@Param('id') id: string, @McpContext() mcp?: McpContext) {
 *   const answer = await mcp?.elicit(`Delete ${id}?`, ConfirmDto);
 *   …
 * }
 * ```
 *
 * @publicApi
 */
export type McpContext = CallContext;

/** Token, decorator and class in one; see the type of this name. @publicApi */
export const McpContext: typeof CallContext & typeof decorator = new Proxy(
  CallContext,
  { apply: (_target, _this, pipes: []) => decorator(...pipes) },
) as never;
