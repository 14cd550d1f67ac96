import { runStdioServer } from 'nestjs-mcp/stdio';
import { AppModule } from './app.module.js';

await runStdioServer(AppModule);
