import type { IncomingMessage } from 'node:http';
import { parse } from 'node:querystring';
import { nestsTooDeep } from '../../platform/http-pair.js';

/** Bytes a body may have: what clients send is small, and comes before anybody is known. */
export const MAX_BODY_BYTES = 64 * 1024;

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
