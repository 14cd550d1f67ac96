import { request } from 'node:https';
import { Readable } from 'node:stream';

/** A `fetch` for `https://localhost` that trusts this certificate, and follows no redirect. */
export function fetchTrusting(ca: string): typeof fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    const body = Buffer.from(await asked.arrayBuffer());
    return new Promise((resolve, reject) => {
      const outgoing = request(
        asked.url,
        {
          method: asked.method,
          headers: {
            ...Object.fromEntries(asked.headers),
            ...(body.length > 0 && { 'content-length': body.length }),
          },
          ca,
          agent: false,
          family: 4,
        },
        (incoming) => {
          const { statusCode: status = 0, rawHeaders } = incoming;
          const headers = new Headers();
          for (let index = 0; index < rawHeaders.length; index += 2) {
            headers.append(
              rawHeaders[index] ?? '',
              rawHeaders[index + 1] ?? '',
            );
          }
          incoming.on('error', () => undefined);
          const stream = Readable.toWeb(incoming) as ReadableStream;
          const isEmpty = status === 204 || status === 304;
          resolve(new Response(isEmpty ? null : stream, { status, headers }));
        },
      );
      outgoing.on('error', reject);
      init?.signal?.addEventListener('abort', () => outgoing.destroy());
      outgoing.end(body);
    });
  };
}
