import type {
  DynamicModule,
  INestApplicationContext,
  Type,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import type { RunStdioOptions } from './stdio-options.interface.js';

/**
 * Creates the whole application where an HTTP platform is installed, so that
 * its routes can be called, and an application context where none is.
 *
 * @throws Error where there is nothing that `configure` could configure
 */
export async function createApplication(
  module: Type<unknown> | DynamicModule,
  { adapter, nest, configure }: RunStdioOptions,
): Promise<INestApplicationContext> {
  const platform = adapter ?? (await installedPlatform());
  if (platform) {
    const app = await NestFactory.create(module, platform, nest);
    await configure?.(app);
    return app;
  }
  if (configure) {
    throw new Error(
      'runStdioServer: configure is for an application with HTTP, and no ' +
        'platform is installed. Install @nestjs/platform-express, or leave it out.',
    );
  }
  return NestFactory.createApplicationContext(module, nest);
}

async function installedPlatform(): Promise<AbstractHttpAdapter | undefined> {
  const express = await orAbsent(import('@nestjs/platform-express'));
  if (express) {
    return new express.ExpressAdapter();
  }
  const fastify = await orAbsent(import('@nestjs/platform-fastify'));
  return fastify && new fastify.FastifyAdapter();
}

async function orAbsent<T>(loading: Promise<T>): Promise<T | undefined> {
  try {
    return await loading;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
      return undefined;
    }
    throw error;
  }
}
