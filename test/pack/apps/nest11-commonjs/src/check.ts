import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { callTool } from 'nestjs-mcp/testing';
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

  const local = new Client({ name: 'pack-check', version: '1.0.0' });
  await local.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: ['dist/stdio.js'],
    }),
  );
  const overStdio = await local.listTools();
  await local.close();

  const inProcess = await callTool(app, 'greetings_greet', { name: 'Grace' });

  console.log(
    JSON.stringify({
      server: client.getServerVersion()?.name,
      tools: tools.map((tool) => tool.name),
      inputSchema: tools[0]?.inputSchema,
      greeting: (await call({ name: 'Ada', language: 'fr' })).structuredContent,
      refused: (await call({ name: '' })).isError === true,
      overStdio: overStdio.tools.map((tool) => tool.name),
      inProcess: inProcess.structuredContent,
    }),
  );

  await client.close();
  await app.close();
}

void check();
