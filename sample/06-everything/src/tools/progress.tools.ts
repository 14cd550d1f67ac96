import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { type McpContext, McpTool } from 'nestjs-mcp';

/** Milliseconds between two signs of life. */
const PAUSE = 50;

/** What a tool can tell while it runs. */
@Injectable()
export class ProgressTools {
  @McpTool({
    name: 'test_tool_with_progress',
    description: 'Reports how far it is, to clients that ask for it.',
  })
  async progress(_arguments: unknown, context: McpContext): Promise<string> {
    await context.reportProgress(0, 100, 'Started');
    await sleep(PAUSE);
    await context.reportProgress(50, 100, 'Half done');
    await sleep(PAUSE);
    await context.reportProgress(100, 100, 'Done');
    return 'The tool has run to its end.';
  }

  @McpTool({
    name: 'test_tool_with_logging',
    description: 'Logs to the client while it runs.',
  })
  async logging(_arguments: unknown, { log }: McpContext): Promise<string> {
    await log.info('Tool execution started');
    await sleep(PAUSE);
    await log.info('Tool processing data');
    await sleep(PAUSE);
    await log.info('Tool execution completed');
    return 'The tool has logged three messages.';
  }

  @McpTool({
    name: 'test_logging_tool',
    description: 'Logs at every level, for clients that ask for one.',
  })
  async levels(_arguments: unknown, { log }: McpContext): Promise<string> {
    await log.debug({ step: 'looking closely' });
    await log.info('Nothing out of the ordinary', 'watchman');
    await log.warning('A light is on', 'watchman');
    await log.error('The door is open', 'watchman');
    return 'The tool has logged.';
  }

  /** What a client of the 2025 era loses sight of, it comes back for. */
  @McpTool({
    name: 'test_reconnection',
    description: 'Closes its stream before it answers.',
  })
  async reconnection(
    _arguments: unknown,
    context: McpContext,
  ): Promise<string> {
    context.closeStream();
    await sleep(2 * PAUSE);
    return 'The stream was closed, and resumed.';
  }
}
