import type { INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** The HTTP adapters every front-door test runs on. */
export type AdapterName = 'express' | 'fastify';

/** For `describe.each`. */
export const ADAPTERS: readonly AdapterName[] = ['express', 'fastify'];

/** A fresh adapter: an instance serves one application. */
export const createAdapter = (
  name: AdapterName,
): ExpressAdapter | FastifyAdapter =>
  name === 'express' ? new ExpressAdapter() : new FastifyAdapter();

/** Whether the application runs on Fastify, for set-up that only it needs. */
export const isFastify = (
  app: INestApplication,
): app is NestFastifyApplication =>
  app.getHttpAdapter().getType() === 'fastify';
