import { request } from 'node:http';

/** A request with every header under the test's control, `Host` and `Origin` too. */
export interface RawRequest {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Address of loopback to connect from. */
  readonly localAddress?: string;
}

/** An answer with its headers as they were sent, doubled ones included. */
export interface RawResponse {
  readonly status: number;
  readonly text: string;
  /** Every value sent under a name, in any case. */
  values(name: string): string[];
}

/** Sends a request without any of the rules of `fetch`. */
export const sendRaw = (
  url: string,
  { method, headers = {}, body, localAddress }: RawRequest,
): Promise<RawResponse> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      {
        method,
        headers: {
          ...(body === undefined
            ? {}
            : { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
        agent: false,
        ...(localAddress !== undefined && { localAddress }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
            values: (name) =>
              response.rawHeaders.filter(
                (_, index) =>
                  index % 2 === 1 &&
                  response.rawHeaders[index - 1]?.toLowerCase() ===
                    name.toLowerCase(),
              ),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
