// The sample on the adapter of Node's own server.
import { NodeAdapter } from '../support/platform-node/index.mjs';

const { createApp } =
  await import('../../sample/06-everything/dist/create-app.js');
const app = await createApp({ token: undefined }, new NodeAdapter());
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT), '127.0.0.1');
console.log(`MCP endpoint: ${await app.getUrl()}/mcp`);
