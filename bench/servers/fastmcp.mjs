/** `fastmcp` with its own HTTP server, stateless. Tools are constants. */
import { createServer } from 'node:net';
import { FastMCP } from 'fastmcp';
import { z } from 'zod';
import { DESCRIPTION, PLACED_RESULT, toolIndexes, toolName } from './order.mjs';

export async function start({ tools }) {
  const server = new FastMCP({ name: 'bench', version: '1.0.0' });
  const parameters = z.object({
    name: z.string().min(1),
    amount: z.int().min(1),
  });
  for (const index of toolIndexes(tools)) {
    server.addTool({
      name: toolName(index),
      description: DESCRIPTION,
      parameters,
      execute: async () => PLACED_RESULT,
    });
  }
  const port = await freePort();
  await server.start({
    transportType: 'httpStream',
    httpStream: {
      host: '127.0.0.1',
      port,
      stateless: true,
      // JSON instead of an event stream: what costs it the least.
      enableJsonResponse: true,
    },
  });
  return { url: `http://127.0.0.1:${port}/mcp` };
}

/** It takes no port 0. */
async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
