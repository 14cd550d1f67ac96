import { runStdioServer } from 'nestjs-mcp/stdio';
import { AppModule } from './app.module.js';

void runStdioServer(AppModule);
