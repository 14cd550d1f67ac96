import type { Server } from 'node:http';
import type { HttpServer } from '@nestjs/common';
import { type BodyParsing, parseFirst } from '../nest/express-first-parser.js';
import { installExpressHooks } from './express-hooks.js';
import { installFastifyHooks } from './fastify-hooks.js';
import type { FrontDoor } from './front-door.js';

/**
 * Puts the front door before the endpoint and has the body parser's errors on
 * its path, and only there, answered in JSON-RPC. To be called while modules
 * are configured: later, routes would come first.
 *
 * @param maxRequestBytes undefined for what the application's parser allows
 * @throws Error for an adapter that is neither Express nor Fastify
 */
export function installEndpointHooks(
  adapter: HttpServer,
  path: string,
  door: FrontDoor,
  maxRequestBytes: number | undefined,
): void {
  const type = adapter.getType();
  switch (type) {
    case 'express':
      installExpressHooks(
        adapter.getInstance(),
        adapter.getHttpServer() as Server,
        path,
        door,
      );
      if (maxRequestBytes !== undefined) {
        parseFirst(adapter as BodyParsing, path, maxRequestBytes);
      }
      return;
    case 'fastify':
      installFastifyHooks(adapter.getInstance(), path, door, maxRequestBytes);
      return;
    default:
      throw new Error(
        `McpModule serves Express and Fastify; the HTTP adapter is "${type}".`,
      );
  }
}
