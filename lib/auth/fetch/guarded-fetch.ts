import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { GuardedFetchError, checkUrl, type UrlTrust } from './url-trust.js';
import {
  allowedAddresses,
  pinnedLookup,
  systemResolver,
  type HostAddress,
  type HostResolver,
} from './public-address.js';

/** How a URL is fetched. */
export interface GuardedRequest {
  readonly trust: UrlTrust;
  /** @default `'GET'` */
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds from the start to the last byte. @default 5000 */
  readonly timeout?: number;
  /** Bytes the answer may have. @default 262144 */
  readonly maxBytes?: number;
  /** Finds the addresses of the host. @default the system's resolver */
  readonly resolve?: HostResolver;
}

/** What came back, whatever its status. */
export interface GuardedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/**
 * Fetches a URL as far as its origin is to be trusted: only allowed addresses,
 * connected to as they were checked; no redirects; bounded in size and time.
 *
 * @throws GuardedFetchError
 */
export async function guardedFetch(
  address: string,
  request: GuardedRequest,
): Promise<GuardedResponse> {
  const checked = checkUrl(address, request.trust);
  const { origin } = checked.url;
  const signal = AbortSignal.timeout(request.timeout ?? 5000);
  try {
    const addresses = await Promise.race([
      allowedAddresses(checked, request.resolve ?? systemResolver),
      aborted(signal),
    ]);
    return await send(checked.url, addresses, request, signal);
  } catch (error) {
    if (error instanceof GuardedFetchError) {
      throw error;
    }
    throw signal.aborted
      ? new GuardedFetchError('timeout', `${origin} did not answer in time`)
      : new GuardedFetchError('network', `${origin} cannot be reached`, {
          cause: error,
        });
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), {
      once: true,
    });
  });
}

function send(
  url: URL,
  addresses: readonly HostAddress[],
  { method = 'GET', headers, body, maxBytes = 262_144 }: GuardedRequest,
  signal: AbortSignal,
): Promise<GuardedResponse> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const outgoing = request(url, {
      method,
      headers: {
        ...headers,
        ...(body !== undefined && {
          'content-length': String(Buffer.byteLength(body)),
        }),
      },
      // A pooled connection would go where an earlier check allowed it to.
      agent: false,
      lookup: pinnedLookup(addresses),
      signal,
    });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      read(response, maxBytes, url.origin).then(
        (text) =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text,
          }),
        reject,
      );
    });
    outgoing.end(body);
  });
}

/** Reads as it streams, and hangs up at the first byte too many. */
async function read(
  response: IncomingMessage,
  maxBytes: number,
  origin: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      response.destroy();
      throw new GuardedFetchError(
        'too_large',
        `${origin} sent more than ${maxBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A JSON object as it was parsed. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether `value` is an object with members, neither null nor a list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Fetches a JSON object with status 200; nothing else will do.
 *
 * @throws GuardedFetchError
 */
export async function fetchJson(
  url: string,
  request: GuardedRequest,
): Promise<JsonObject> {
  const { status, body } = await guardedFetch(url, {
    ...request,
    headers: { accept: 'application/json', ...request.headers },
  });
  const { origin } = new URL(url);
  if (status !== 200) {
    throw new GuardedFetchError('status', `${origin} answered ${status}`, {
      status,
    });
  }
  const document = parseJson(body);
  if (!isJsonObject(document)) {
    throw new GuardedFetchError('content', `${origin} sent no JSON object`);
  }
  return document;
}

/** The JSON value in `text`, or undefined where there is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
