/** Starts a Nest application on a free port of the loopback interface. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';

/** @returns where it listens */
export async function listen(module, adapter, prepare) {
  return (await listening(module, adapter, prepare)).getUrl();
}

/** @param prepare does what the server needs before it listens */
export async function listening(module, adapter, prepare = async () => {}) {
  const app = await NestFactory.create(module, await httpAdapter(adapter), {
    logger: ['error', 'warn'],
  });
  await prepare(app);
  await app.listen(0, '127.0.0.1');
  return app;
}

async function httpAdapter(adapter) {
  if (adapter === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    return new FastifyAdapter();
  }
  const { ExpressAdapter } = await import('@nestjs/platform-express');
  return new ExpressAdapter();
}
