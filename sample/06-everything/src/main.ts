import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { createApp } from './create-app.js';
import { welcome } from './welcome.js';

const token = process.env.TOKEN || undefined;
const app = await createApp(
  { token },
  process.env.ADAPTER === 'fastify'
    ? new FastifyAdapter()
    : new ExpressAdapter(),
);
app.enableShutdownHooks();
await app.listen(Number(process.env.PORT || 3000), '127.0.0.1');

console.log(`\n${welcome(`${await app.getUrl()}/mcp`, token !== undefined)}\n`);
