import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { bytesToCollect } from './inner-exchange.js';
import type { RouteResponse } from './route-response.interface.js';

const DECODERS: Readonly<
  Record<
    string,
    (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>
  >
> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
};

/**
 * Undoes a `Content-Encoding`. None is asked for, so that compression
 * middleware leaves the answer alone; a route may still send what it keeps
 * compressed.
 *
 * @param maxResultBytes where the decoded body passes what may be collected for
 * it, the response counts as stopped
 */
export async function decodeContent(
  response: RouteResponse,
  maxResultBytes: number,
): Promise<RouteResponse> {
  const encoding = String(response.headers['content-encoding'])
    .trim()
    .toLowerCase();
  const decode = DECODERS[encoding];
  if (decode === undefined || response.stopped) {
    return response;
  }
  try {
    const body = await decode(response.body, {
      maxOutputLength: bytesToCollect(response.headers, maxResultBytes),
    });
    return { ...response, body };
  } catch (error) {
    if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE') {
      return { ...response, body: Buffer.alloc(0), stopped: true };
    }
    throw error;
  }
}
