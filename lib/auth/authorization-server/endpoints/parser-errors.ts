import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpException, type HttpServer } from '@nestjs/common';
import { oauthError } from './oauth-error.js';
import { sendOAuthError } from './oauth.exchange.js';
import { MAX_BODY_BYTES } from './request-body.js';

type Next = (error?: unknown) => void;

interface ExpressApplication {
  use(
    handler: (
      error: unknown,
      request: IncomingMessage & { readonly path: string },
      response: ServerResponse,
      next: Next,
    ) => void,
  ): void;
}

interface FastifyReply {
  code(status: number): this;
  header(name: string, value: string): this;
  send(body: object): this;
}

interface FastifyApplication {
  addHook(
    name: 'onRoute',
    hook: (route: {
      readonly url: string;
      bodyLimit?: number;
      errorHandler?: (
        error: unknown,
        request: unknown,
        reply: FastifyReply,
      ) => void;
    }) => void,
  ): void;
}

/** Has bodies that cannot be read answered in OAuth's own form on these paths, and only there. */
export function handleParserErrors(
  adapter: HttpServer,
  paths: readonly string[],
): void {
  if (adapter.getType() === 'fastify') {
    (adapter.getInstance() as FastifyApplication).addHook(
      'onRoute',
      (route) => {
        if (paths.includes(route.url)) {
          route.bodyLimit = MAX_BODY_BYTES;
          route.errorHandler = (error, _request, reply) => {
            const status = statusOf(error);
            reply
              .code(status)
              .header('access-control-allow-origin', '*')
              .header('cache-control', 'no-store')
              .send(oauthError(status));
          };
        }
      },
    );
    return;
  }
  (adapter.getInstance() as ExpressApplication).use(
    (error, { path }, response, next) => {
      const { status } = error as { status?: unknown };
      if (typeof status === 'number' && isAmong(paths, path)) {
        sendOAuthError(response, status);
      } else {
        next(error);
      }
    },
  );
}

/** Fastify's own parsers give it one name, those that Nest adds another. */
function statusOf(error: unknown): number {
  const { statusCode } = error as { readonly statusCode?: unknown };
  if (error instanceof HttpException) {
    return error.getStatus();
  }
  return typeof statusCode === 'number' ? statusCode : 500;
}

/** A parameter of a path stands for one segment; Express matches in any case. */
function isAmong(paths: readonly string[], path: string): boolean {
  const given = segmentsOf(path);
  return paths.some((candidate) => {
    const segments = segmentsOf(candidate);
    return (
      segments.length === given.length &&
      segments.every((segment, index) =>
        segment.startsWith(':') ? true : segment === given[index],
      )
    );
  });
}

function segmentsOf(path: string): readonly string[] {
  return path.toLowerCase().replace(/\/$/, '').split('/');
}
