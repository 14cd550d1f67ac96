import { Global, type HttpServer, Injectable, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { ExpressPlatform } from './express/express.platform.js';
import { FastifyPlatform } from './fastify/fastify.platform.js';
import type { HttpPlatform } from './http-platform.js';
import { isNodeRouter } from './node/node-router.js';
import { NodePlatform } from './node/node.platform.js';
import { ServerPlatform } from './node/server.platform.js';

/** @throws Error for an adapter that serves no `node:http` server */
export function createPlatform(adapter: HttpServer): HttpPlatform {
  switch (adapter.getType()) {
    case 'express':
      return new ExpressPlatform(adapter);
    case 'fastify':
      return new FastifyPlatform(adapter);
    case 'node':
      return isNodeRouter(adapter.getInstance())
        ? new NodePlatform(adapter)
        : new ServerPlatform(adapter);
    default:
      return new ServerPlatform(adapter);
  }
}

/** What the MCP servers of one application share: its HTTP platform, and what there may be one of. */
@Injectable()
export class McpApplication {
  /** Paths of all endpoints: a second server at one of them would be shadowed without a word. */
  readonly takenPaths = new Set<string>();
  private readonly installed = new Set<(platform: HttpPlatform) => void>();
  private known: HttpPlatform | undefined;

  constructor(private readonly host: HttpAdapterHost) {}

  /** False in an application context, which has no routes. */
  get hasHttp(): boolean {
    return !!(this.host.httpAdapter as HttpServer | undefined);
  }

  /** @throws Error in an application context, and for an adapter that is not supported */
  get platform(): HttpPlatform {
    return (this.known ??= createPlatform(this.host.httpAdapter));
  }

  /** Resolves when the application can be called without a port; `app.init()` comes first. */
  async ready(): Promise<void> {
    if (this.hasHttp) {
      await this.platform.ready();
    }
  }

  /** Installs something on the platform, unless it is there already. */
  install(step: (platform: HttpPlatform) => void): void {
    if (!this.installed.has(step)) {
      this.installed.add(step);
      step(this.platform);
    }
  }
}

/** One for the whole application, however many modules import it. */
@Global()
@Module({ providers: [McpApplication], exports: [McpApplication] })
export class McpApplicationModule {}
