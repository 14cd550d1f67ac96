import { request } from 'node:http';

/** A request whose target and headers reach the wire as they are written. */
export interface WireRequest {
  readonly target: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer in short. */
export interface WireAnswer {
  readonly status: number;
  readonly text: string;
  readonly challenge: string | undefined;
}

/** Sends what no URL parser has put in order: dots, doubled slashes, encoded parts. */
export const sendWire = (
  url: string,
  { target, method = 'GET', headers = {}, body }: WireRequest,
): Promise<WireAnswer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const outgoing = request(
      {
        hostname,
        port,
        path: target,
        method,
        headers: {
          ...(body !== undefined && {
            'content-length': String(Buffer.byteLength(body)),
          }),
          ...headers,
        },
        agent: false,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            challenge: response.headers['www-authenticate'],
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
