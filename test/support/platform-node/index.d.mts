import type { NestApplicationOptions } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { Server } from 'node:http';

/** `NodeAdapter` of `@nestjs/platform-node`, or what stands in for it. */
export declare const NodeAdapter: new () => AbstractHttpAdapter<Server> & {
  initHttpServer(options: NestApplicationOptions): void;
};
