/**
 * The first half of the bound: an empty route that takes what a call takes and
 * answers with the bytes that a call answers with.
 */
import {
  Body,
  Controller,
  Header,
  HttpCode,
  Module,
  Post,
} from '@nestjs/common';
import { method } from './decorate.mjs';
import { listen } from './nest.mjs';
import { PLACED_RESULT } from './order.mjs';

export async function start({ adapter, era }) {
  const body = answerOf(era);
  class McpController {}
  method(McpController, 'handle', () => body, {
    decorators: [
      Post(),
      HttpCode(200),
      Header(
        'content-type',
        era === 'legacy' ? 'text/event-stream' : 'application/json',
      ),
    ],
    parameters: [{ decorator: Body(), type: Object }],
  });
  Controller('mcp')(McpController);
  class AppModule {}
  Module({ controllers: [McpController] })(AppModule);
  return { url: `${await listen(AppModule, adapter)}/mcp` };
}

/** As this library writes it. */
function answerOf(era) {
  const json = JSON.stringify({
    result: {
      ...PLACED_RESULT,
      ...(era === 'modern' && {
        resultType: 'complete',
        _meta: {
          'io.modelcontextprotocol/serverInfo': {
            name: 'bench',
            version: '1.0.0',
          },
        },
      }),
    },
    jsonrpc: '2.0',
    id: 1,
  });
  return era === 'legacy' ? `event: message\ndata: ${json}\n\n` : json;
}
