/** The application under fire, in a process of its own. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:net';
import 'reflect-metadata';
import {
  Body,
  Controller,
  Get,
  Module,
  Param,
  Post,
  Query,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { IsArray, IsOptional, IsString } from 'class-validator';
import {
  McpModule,
  McpPrompt,
  McpResource,
  McpTool,
  StaticTokenVerifier,
} from 'nestjs-mcp';
import { LoginService } from 'nestjs-mcp/authorization-server';
import { method, property } from '../../bench/servers/decorate.mjs';
import { NodeAdapter } from '../support/platform-node/index.mjs';

const [adapter] = process.argv.slice(2);
const port = await freePort();
const origin = `http://127.0.0.1:${port}`;

class Thing {}
property(Thing, 'name', String, IsString());
property(
  Thing,
  'tags',
  Array,
  IsOptional(),
  IsArray(),
  IsString({ each: true }),
);

class Things {}
Controller('things')(Things);
method(Things, 'find', (id, q, page) => ({ id, q, page }), {
  decorators: [
    Get(':id'),
    McpTool({ name: 'find' }),
    McpResource({ uri: 'things://{id}', name: 'thing' }),
  ],
  parameters: [
    { decorator: Param('id'), type: String },
    { decorator: Query('q'), type: Object },
    { decorator: Query('page'), type: Number },
  ],
});
method(Things, 'make', (thing) => thing, {
  decorators: [Post(), McpTool({ name: 'make' })],
  parameters: [{ decorator: Body(), type: Thing }],
});

class Greetings {}
method(Greetings, 'greet', (args) => args, {
  decorators: [
    McpTool({
      name: 'greet',
      inputSchema: { type: 'object', properties: { who: { type: 'object' } } },
    }),
  ],
});
method(Greetings, 'ask', () => 'Ask', {
  decorators: [
    McpPrompt({
      name: 'ask',
      arguments: {
        type: 'object',
        properties: { topic: { type: 'string' } },
      },
    }),
  ],
});

/** Nobody gets in. */
class Nobody extends LoginService {
  async login() {
    return null;
  }
}

class App {}
Module({
  imports: [
    McpModule.forRoot({
      name: 'open',
      path: '/open',
      auth: {
        verifier: new StaticTokenVerifier(['fuzz']),
        resource: `${origin}/open`,
      },
      legacy: { sse: true },
    }),
    McpModule.forRoot({
      name: 'own',
      path: '/own',
      auth: {
        resource: `${origin}/own`,
        requiredScopes: ['read'],
        authorizationServer: { issuer: origin, login: Nobody },
      },
    }),
  ],
  controllers: [Things],
  providers: [Greetings, Nobody],
})(App);

/** The number of the request being served. */
const current = new AsyncLocalStorage();
const faults = [];
const note = (text) => {
  if (faults.length < 200) {
    faults.push({
      request: current.getStore(),
      text: String(text).slice(0, 2000),
    });
  }
};
process.on('uncaughtException', (error) =>
  note(`uncaught: ${error?.stack ?? error}`),
);
process.on('unhandledRejection', (error) =>
  note(`unhandled: ${error?.stack ?? error}`),
);

const quiet = () => undefined;
const app = await NestFactory.create(
  App,
  new { express: ExpressAdapter, fastify: FastifyAdapter, node: NodeAdapter }[
    adapter
  ](),
  {
    logger: {
      log: quiet,
      warn: quiet,
      debug: quiet,
      verbose: quiet,
      fatal: (...said) => note(`log: ${textOf(said)}`),
      error: (...said) => note(`log: ${textOf(said)}`),
    },
  },
);
const enter = ({ headers }, done) => current.run(headers['x-fuzz'], done);
if (adapter === 'fastify') {
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', (request, _reply, done) => enter(request, done));
} else {
  app.use((request, _response, next) => enter(request, next));
}
app.useGlobalPipes(new ValidationPipe({ transform: true }));
await app.listen(port, '127.0.0.1');

process.on('message', (question) => {
  if (question === 'faults') {
    process.send({ faults: faults.splice(0) });
  } else {
    globalThis.gc();
    process.send({ heap: process.memoryUsage().heapUsed });
  }
});
process.once('disconnect', () => process.exit());
process.send({ origin });

function textOf(said) {
  return said.map((each) => each?.stack ?? String(each)).join(' ');
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
