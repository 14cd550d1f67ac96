import type { HttpServer } from '@nestjs/common';

/** Answers with a document that any page may read, and keep for five minutes. */
export function answerPublicly(
  adapter: HttpServer,
  response: unknown,
  document: object,
  status = 200,
): void {
  setHeaders(adapter, response, {
    'Access-Control-Allow-Origin': '*',
    'Cache-Control': 'public, max-age=300',
  });
  adapter.reply(response, document, status);
}

/** Lets any page read what is answered at this path. */
export function answerPreflight(adapter: HttpServer, response: unknown): void {
  setHeaders(adapter, response, {
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
    'Access-Control-Allow-Headers': '*',
    'Access-Control-Max-Age': '600',
  });
  adapter.reply(response, '', 204);
}

function setHeaders(
  adapter: HttpServer,
  response: unknown,
  headers: Record<string, string>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    adapter.setHeader(response, name, value);
  }
}
