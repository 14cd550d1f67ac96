/**
 * The SDK's own handler in a controller: with a low-level `Server` for each
 * request, or with an `McpServer`. Tools are constants.
 */
import { All, Controller, Module, Req, Res } from '@nestjs/common';
import { toNodeHandler } from '@modelcontextprotocol/node';
import {
  createMcpHandler,
  McpServer,
  Server,
} from '@modelcontextprotocol/server';
import { z } from 'zod';
import { method } from './decorate.mjs';
import { listen } from './nest.mjs';
import {
  DESCRIPTION,
  listEntry,
  PLACED_RESULT,
  toolIndexes,
  toolName,
} from './order.mjs';

const IDENTITY = { name: 'bench', version: '1.0.0' };

export async function start({ adapter, tools, shape }) {
  const handler = createMcpHandler(
    shape === 'mcpserver' ? highLevel(tools) : lowLevel(tools),
  );
  const serve = toNodeHandler(handler);
  class McpController {}
  method(
    McpController,
    'handle',
    adapter === 'fastify'
      ? (request, reply) => {
          reply.hijack();
          return serve(request.raw, reply.raw, request.body);
        }
      : (request, response) => serve(request, response, request.body),
    {
      decorators: [All()],
      parameters: [
        { decorator: Req(), type: Object },
        { decorator: Res(), type: Object },
      ],
    },
  );
  Controller('mcp')(McpController);
  class AppModule {}
  Module({ controllers: [McpController] })(AppModule);
  return { url: `${await listen(AppModule, adapter)}/mcp` };
}

function lowLevel(tools) {
  const list = { tools: toolIndexes(tools).map(listEntry) };
  return () => {
    const server = new Server(IDENTITY, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => list);
    server.setRequestHandler('tools/call', () => PLACED_RESULT);
    return server;
  };
}

function highLevel(tools) {
  const inputSchema = z.object({
    name: z.string().min(1),
    amount: z.int().min(1),
  });
  return () => {
    const server = new McpServer(IDENTITY);
    for (const index of toolIndexes(tools)) {
      server.registerTool(
        toolName(index),
        { description: DESCRIPTION, inputSchema },
        () => PLACED_RESULT,
      );
    }
    return server;
  };
}
