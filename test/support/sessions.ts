import { type IncomingMessage, request } from 'node:http';
import {
  LEGACY_VERSION,
  rpc,
  type RpcAnswer,
  rpcBody,
  rpcHeaders,
  type RpcMessage,
} from './json-rpc.js';
import { until } from './until.js';

/** Headers by name. */
export type Headers = Readonly<Record<string, string>>;

/** A session of a raw client. */
export interface RawSession {
  readonly id: string;
  /** What the requests of the session carry. */
  readonly headers: Headers;
}

/** The parameters of `initialize`. */
export const initializeParams = (
  capabilities: Readonly<Record<string, unknown>> = {},
  protocolVersion = LEGACY_VERSION,
): Record<string, unknown> => ({
  protocolVersion,
  capabilities,
  clientInfo: { name: 'raw', version: '1.0.0' },
});

/** Sends `initialize`, whatever comes of it. */
export const initialize = (
  endpoint: string,
  headers: Headers = {},
  capabilities: Readonly<Record<string, unknown>> = {},
): Promise<RpcAnswer> =>
  rpc(endpoint, 'legacy', 'initialize', initializeParams(capabilities), {
    headers,
  });

/**
 * Begins a session.
 *
 * @throws Error where the server gives none
 */
export async function beginSession(
  endpoint: string,
  headers: Headers = {},
  capabilities: Readonly<Record<string, unknown>> = {},
): Promise<RawSession> {
  const answer = await initialize(endpoint, headers, capabilities);
  const id = answer.headers.get('mcp-session-id');
  if (id === null) {
    throw new Error(`HTTP ${answer.status} and no session: ${answer.text}`);
  }
  return { id, headers: { ...headers, 'mcp-session-id': id } };
}

/** Status and JSON-RPC error code of one request with each method that sessions have. */
export async function probe(
  endpoint: string,
  headers: Headers,
): Promise<readonly (readonly [string, number, number | undefined])[]> {
  const answers: [string, number, number | undefined][] = [];
  for (const method of ['POST', 'GET', 'DELETE']) {
    const { 'content-type': type, ...common } = rpcHeaders(
      'legacy',
      'tools/list',
      {},
    );
    const response = await fetch(endpoint, {
      method,
      headers: {
        ...common,
        ...headers,
        // Fastify reads a body wherever a type is given.
        ...(method === 'POST' && { 'content-type': type as string }),
      },
      ...(method === 'POST' && {
        body: JSON.stringify(rpcBody('legacy', 'tools/list', {})),
      }),
    });
    const text = await response.text();
    const message = text.startsWith('{')
      ? (JSON.parse(text) as RpcMessage)
      : undefined;
    answers.push([method, response.status, message?.error?.code]);
  }
  return answers;
}

/** What {@link probe} gives for a session that there is not. */
export const NOT_FOUND = ['POST', 'GET', 'DELETE'].map(
  (method) => [method, 404, -32001] as const,
);

/** One event of a stream. */
export interface SseEvent {
  readonly id: string | undefined;
  readonly retry: string | undefined;
  readonly event: string | undefined;
  readonly data: string | undefined;
}

/** A request whose response is read while it is open. */
export interface SessionStream {
  status(): number | undefined;
  header(name: string): string | undefined;
  received(): string;
  events(): SseEvent[];
  /** The messages of the events. */
  messages(): RpcMessage[];
  /** Whether the response has ended as it should. */
  isComplete(): boolean;
  /** Settles when the response ends or the connection breaks. */
  readonly ended: Promise<void>;
  /** Goes away, as a client that crashes does. */
  abandon(): void;
}

/** Sends a request on a connection of its own, and does not wait for the answer. */
export function stream(
  endpoint: string,
  method: 'GET' | 'POST',
  headers: Headers,
  body?: unknown,
): SessionStream {
  let text = '';
  let head: IncomingMessage | undefined;
  const outgoing = request(endpoint, {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': LEGACY_VERSION,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    agent: false,
  });
  const ended = new Promise<void>((resolve) => {
    outgoing.on('error', () => resolve());
    outgoing.on('close', () => resolve());
    outgoing.on('response', (response) => {
      head = response;
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', () => resolve());
    });
  });
  outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  const events = () => readAll(text);
  return {
    status: () => head?.statusCode,
    header: (name) => head?.headers[name] as string | undefined,
    received: () => text,
    events,
    messages: () =>
      events().flatMap(({ data }) =>
        data ? [JSON.parse(data) as RpcMessage] : [],
      ),
    isComplete: () => head?.complete === true,
    ended,
    abandon: () => void outgoing.destroy(),
  };
}

/** Opens the GET stream of a session, and waits for its head. */
export async function listenTo(
  endpoint: string,
  headers: Headers,
): Promise<SessionStream> {
  const opened = stream(endpoint, 'GET', headers);
  await until(() => opened.status() !== undefined);
  return opened;
}

/** Calls a tool in a session, and does not wait for the answer. */
export const callStream = (
  endpoint: string,
  { headers }: RawSession,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
  id: number | string = 1,
  meta?: Readonly<Record<string, unknown>>,
): SessionStream =>
  stream(
    endpoint,
    'POST',
    headers,
    rpcBody(
      'legacy',
      'tools/call',
      { name, arguments: args },
      {
        id,
        ...(meta && { meta }),
      },
    ),
  );

function readAll(text: string): SseEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((event) => !event.startsWith(':'))
    .map((event) => {
      const field = (name: string): string | undefined =>
        event
          .split('\n')
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim();
      return {
        id: field('id'),
        retry: field('retry'),
        event: field('event'),
        data: field('data'),
      };
    });
}
