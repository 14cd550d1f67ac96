import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module';

async function check(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: ['error'] });
  app.useGlobalPipes(new ValidationPipe({ whitelist: true }));
  await app.listen(0, '127.0.0.1');

  const client = new Client({ name: 'pack-check', version: '1.0.0' });
  await client.connect(
    new StreamableHTTPClientTransport(new URL(`${await app.getUrl()}/mcp`)),
  );

  const { tools } = await client.listTools();
  const call = (args: Record<string, unknown>) =>
    client.callTool({ name: 'greetings_greet', arguments: args });

  console.log(
    JSON.stringify({
      server: client.getServerVersion()?.name,
      tools: tools.map((tool) => tool.name),
      inputSchema: tools[0]?.inputSchema,
      greeting: (await call({ name: 'Ada', language: 'fr' })).structuredContent,
      refused: (await call({ name: '' })).isError === true,
    }),
  );

  await client.close();
  await app.close();
}

void check();
