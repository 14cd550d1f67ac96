import {
  type INestApplication,
  type NestApplicationOptions,
  ValidationPipe,
} from '@nestjs/common';
import { type AbstractHttpAdapter, NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

/**
 * Creates the application, not yet listening: on Express, or on the given
 * adapter.
 */
export async function createApp(
  adapter?: AbstractHttpAdapter,
  options: NestApplicationOptions = {},
): Promise<INestApplication> {
  const app = adapter
    ? await NestFactory.create(AppModule, adapter, options)
    : await NestFactory.create(AppModule, options);
  app.useGlobalPipes(
    new ValidationPipe({
      whitelist: true,
      forbidNonWhitelisted: true,
      transform: true,
    }),
  );
  return app;
}
