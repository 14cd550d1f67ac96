import { All, Controller, Req, Res, UseFilters } from '@nestjs/common';
import { McpExceptionFilter } from './mcp-exception.filter.js';
import { McpEndpoint } from './mcp.endpoint.js';

/**
 * Hosts the Streamable HTTP endpoint of one MCP server. The application's
 * global guards apply to it; its global pipes, interceptors and filters have
 * nothing to reshape, as only the raw request and response are taken.
 *
 * Extend it to put decorators or code of your own in front, and name the class
 * in `McpModule.forRoot({ controller })`.
 *
 * @publicApi
 */
@Controller()
@UseFilters(McpExceptionFilter)
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  /** Serves one HTTP request; resolves when the response has been written. */
  @All()
  handle(@Req() request: unknown, @Res() response: unknown): Promise<void> {
    return this.endpoint.serve(request, response);
  }
}
