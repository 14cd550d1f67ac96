import {
  type INestApplication,
  type NestApplicationOptions,
  ValidationPipe,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';

/** Creates the application, not yet listening. */
export async function createApp(
  resource: readonly string[],
  adapter: AbstractHttpAdapter = new ExpressAdapter(),
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  const app = await NestFactory.create(
    AppModule.register(resource),
    adapter,
    options,
  );
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  return app;
}
