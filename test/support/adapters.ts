import type { INestApplication } from '@nestjs/common';
import { type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** That of `@nestjs/platform-node` where `NODE_PLATFORM` names its entry file, else its stand-in. */
export const { NodeAdapter } = (await import(
  process.env.NODE_PLATFORM ?? './platform-node/index.mjs'
)) as typeof import('./platform-node/index.mjs');

const CREATE = {
  express: () => new ExpressAdapter(),
  fastify: () => new FastifyAdapter(),
  node: () => new NodeAdapter(),
} satisfies Record<string, () => AbstractHttpAdapter>;

/** The HTTP adapters every front-door test runs on. */
export type AdapterName = keyof typeof CREATE;

/** For `describe.each`. */
export const ADAPTERS = Object.keys(CREATE) as readonly AdapterName[];

/** For suites that have nothing to find on Node's own server that others do not: a third run of them takes long. */
export const MAIN_TWO: readonly AdapterName[] = ['express', 'fastify'];

/** A fresh adapter: an instance serves one application. */
export const createAdapter = (name: AdapterName): AbstractHttpAdapter =>
  CREATE[name]();

/** Whether the application runs on Fastify, for set-up that only it needs. */
export const isFastify = (
  app: INestApplication,
): app is NestFastifyApplication =>
  app.getHttpAdapter().getType() === 'fastify';
