import type { INestApplication, NestApplicationOptions } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import type { AccessToken } from '../auth/token/access-token.js';
import type { OptionKeys } from '../options/option-keys.js';

/** What is served over stdio, and to whom. @publicApi */
export interface ServeStdioOptions {
  /** Name or full path of the server, where the application has several. */
  readonly server?: string;
  /**
   * Who the local user is: over stdio nobody sends a token. It decides as a
   * verified token does over HTTP, until it expires, and routes get its text as
   * their `Authorization`. On a server with `auth`, only what is public can be
   * seen and called without it. @default nobody in particular
   */
  readonly identity?: AccessToken;
}

/** How `runStdioServer()` makes the application. @publicApi */
export interface RunStdioOptions extends ServeStdioOptions {
  /** HTTP platform that tools of routes are called through; it never listens. @default Express, else Fastify, whichever is installed */
  readonly adapter?: AbstractHttpAdapter;
  /** Options for Nest. */
  readonly nest?: NestApplicationOptions;
  /** What `main.ts` does between creating the application and `listen()`: global pipes, prefix, versioning. */
  readonly configure?: (app: INestApplication) => void | Promise<void>;
  /**
   * Milliseconds until the process is ended though something holds it, once
   * the application is closed; 0 leaves it. @default 5000
   */
  readonly exitAfter?: number;
}

export const SERVE_STDIO_KEYS: OptionKeys<ServeStdioOptions> = {
  server: true,
  identity: true,
};

export const RUN_STDIO_KEYS: OptionKeys<RunStdioOptions> = {
  ...SERVE_STDIO_KEYS,
  adapter: true,
  nest: true,
  configure: 'method',
  exitAfter: true,
};
