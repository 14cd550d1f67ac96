/** `mcp-use` with the server it brings along. Tools are constants. */
import { z } from 'zod';
import { DESCRIPTION, PLACED_RESULT, toolIndexes, toolName } from './order.mjs';

// A benchmark tells nobody of itself, and a log line a call would cost it time.
process.env.MCP_USE_ANONYMIZED_TELEMETRY = 'false';
process.env.MCP_USE_LOG_LEVEL = 'error';
const { MCPServer } = await import('mcp-use');

export async function start({ tools }) {
  const server = new MCPServer({ name: 'bench', version: '1.0.0' });
  const inputSchema = z.object({
    name: z.string().min(1),
    amount: z.int().min(1),
  });
  for (const index of toolIndexes(tools)) {
    server.tool(
      { name: toolName(index), description: DESCRIPTION, inputSchema },
      async () => PLACED_RESULT,
    );
  }
  const { port } = await server.listen(0, { host: '127.0.0.1' });
  return { url: `http://127.0.0.1:${port}/mcp` };
}
