import { McpRegistry } from 'nestjs-mcp';
import { createApp } from './create-app.js';
import { DEMO_KEY, notesKey } from './notes/notes-key.js';
import { welcome } from './welcome.js';

const app = await createApp();
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT || 3000), '127.0.0.1');

// A key of your own is not printed; the demo key is no secret.
const key = notesKey() === DEMO_KEY ? DEMO_KEY : '<your NOTES_KEY>';
const endpoint = `${await app.getUrl()}/mcp`;
console.log(`\n${welcome(endpoint, app.get(McpRegistry).tools, key)}\n`);
