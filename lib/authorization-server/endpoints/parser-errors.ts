import { HttpException, type HttpServer } from '@nestjs/common';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse } from 'node:querystring';
import { nestsTooDeep } from '../../platform/http-pair.js';
import { oauthError, sendOAuthError } from './oauth.request.js';

/** Bytes a body may have: what clients send is small, and comes before anybody is known. */
const MAX_BODY_BYTES = 64 * 1024;

/** A body that is not taken; the status says why. */
export class BodyError extends Error {
  constructor(readonly status: 400 | 413) {
    super('The request body is not accepted');
  }
}

/** @throws BodyError for one that says that it is too large, before anything is read */
export function checkLength({ headers }: IncomingMessage): void {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    throw new BodyError(413);
  }
}

/**
 * The body as a parser of the application has left it; read here where the
 * application has none (`bodyParser: false`).
 *
 * @throws BodyError for one that is too large, nests too deep or cannot be read
 */
export async function readBody(
  request: IncomingMessage,
  parsed: unknown,
): Promise<unknown> {
  const isUnread =
    parsed === undefined && request.method === 'POST' && request.readable;
  const body = isUnread
    ? parseText(await textOf(request), request.headers['content-type'])
    : parsed;
  if (nestsTooDeep(body)) {
    throw new BodyError(400);
  }
  // One sent in chunks did not say how long it is.
  if (
    !isUnread &&
    request.headers['content-length'] === undefined &&
    Buffer.byteLength(JSON.stringify(body) ?? '') > MAX_BODY_BYTES
  ) {
    throw new BodyError(413);
  }
  return body;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) {
      throw new BodyError(413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseText(text: string, type = ''): unknown {
  if (text === '') {
    return undefined;
  }
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return { ...parse(text) };
  }
  try {
    return type.startsWith('application/json') ? JSON.parse(text) : undefined;
  } catch {
    throw new BodyError(400);
  }
}

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
