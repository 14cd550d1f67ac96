import { runStdioServer } from 'nestjs-mcp/stdio';
import { AppModule } from './app.module';

void runStdioServer(AppModule);
