/** `tmcp` on `node:http`, as the README of its HTTP transport says. Tools are constants. */
import { createServer } from 'node:http';
import { createRequestListener } from '@remix-run/node-fetch-server';
import { ZodJsonSchemaAdapter } from '@tmcp/adapter-zod';
import { HttpTransport } from '@tmcp/transport-http';
import { McpServer } from 'tmcp';
import { z } from 'zod';
import { DESCRIPTION, PLACED_RESULT, toolIndexes, toolName } from './order.mjs';

export async function start({ tools }) {
  const server = new McpServer(
    { name: 'bench', version: '1.0.0' },
    { adapter: new ZodJsonSchemaAdapter(), capabilities: { tools: {} } },
  );
  const schema = z.object({
    name: z.string().min(1),
    amount: z.int().min(1),
  });
  for (const index of toolIndexes(tools)) {
    server.tool(
      { name: toolName(index), description: DESCRIPTION, schema },
      () => PLACED_RESULT,
    );
  }
  const transport = new HttpTransport(server, { path: '/mcp' });
  const http = createServer(
    createRequestListener(
      async (request) =>
        (await transport.respond(request)) ??
        new Response(null, { status: 404 }),
    ),
  );
  await new Promise((resolve) => http.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${http.address().port}/mcp` };
}
