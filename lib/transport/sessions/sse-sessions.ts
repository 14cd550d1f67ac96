import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type HttpPair, nestsTooDeep } from '../../platform/http-pair.js';
import {
  currentRequest,
  type RequestWriter,
} from '../request/endpoint-request.js';
import { NESTS_TOO_DEEP } from '../request/json-rpc-error.js';
import { COMMENT, EVENT_STREAM, Outlet } from '../streams/event-stream.js';
import type { LegacySession } from './legacy-session.js';
import type { LegacySessions } from './legacy-sessions.js';
import {
  idInUse,
  noRoom,
  refusal,
  sessionNotFound,
} from '../request/request-refusals.js';
import type { MessageWatcher } from './session.transport.js';
import type { SsePlaces } from '../../server/mcp-server-instance.js';

/** HTTP+SSE of MCP 2024-11-05: one stream carries all that the server sends. */
class SseTransport implements Transport, RequestWriter {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** To be set before the first message. */
  watcher: MessageWatcher | undefined;
  private isOpen = false;
  /** Where all that the client is told goes. */
  readonly outlet: Outlet;

  constructor(
    readonly sessionId: string,
    private readonly response: ServerResponse,
    private readonly headers: OutgoingHttpHeaders,
    /** Where the client is to post, as the first event tells it. */
    private readonly messagesUrl: string,
    maxUnreadBytes: number,
  ) {
    this.outlet = new Outlet(response, maxUnreadBytes, false);
  }

  start(): Promise<void> {
    this.response.writeHead(200, { ...this.headers, ...EVENT_STREAM });
    this.write('endpoint', this.messagesUrl);
    this.isOpen = true;
    this.response.once('close', () => void this.close());
    return Promise.resolve();
  }

  /** Takes a message that was posted. */
  receive(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      this.watcher?.noteCall(message.id);
    } else if (
      'method' in message &&
      message.method === 'notifications/cancelled'
    ) {
      // The SDK does not answer what was cancelled.
      this.watcher?.noteAnswer(message.params?.['requestId'] as RequestId);
    }
    this.onmessage?.(message);
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      this.watcher?.noteAnswer(message.id as RequestId);
    }
    this.write('message', JSON.stringify(message));
    return Promise.resolve();
  }

  /** Resolves when there is room for more. */
  drained(): Promise<void> {
    return this.outlet.drained();
  }

  keepOpen(): void {
    if (this.isOpen && !this.response.writableNeedDrain) {
      this.response.write(COMMENT);
    }
  }

  close(): Promise<void> {
    if (this.isOpen) {
      this.isOpen = false;
      this.response.end();
      this.onclose?.();
    }
    return Promise.resolve();
  }

  private write(event: string, data: string): void {
    if (this.response.writableEnded || this.response.destroyed) {
      return;
    }
    if (this.outlet.isFull) {
      this.outlet.end();
      void this.close();
      return;
    }
    this.outlet.write(`event: ${event}\ndata: ${data}\n\n`);
  }
}

/**
 * Serves clients of HTTP+SSE (MCP 2024-11-05, Transports): a stream is a
 * session, under the limits of all sessions, and ends it.
 */
export class SseSessions {
  private readonly transports = new WeakMap<LegacySession, SseTransport>();

  /** @param places undefined until modules are configured, or where it is not served */
  constructor(
    private readonly sessions: LegacySessions,
    private readonly places: () => SsePlaces | undefined,
    private readonly maxUnreadBytes: number,
  ) {}

  /** Which of the two paths the route of a request has. */
  placeOf(path: string | undefined): keyof SsePlaces | undefined {
    const places = this.places();
    return path === undefined
      ? undefined
      : path === places?.stream
        ? 'stream'
        : path === places?.messages
          ? 'messages'
          : undefined;
  }

  /** Serves a request on one of the paths; resolves when that is under way. */
  async serve(place: keyof SsePlaces, raw: HttpPair): Promise<void> {
    const allowed = place === 'stream' ? 'GET' : 'POST';
    const refusal =
      raw.request.method !== allowed
        ? notAllowed(allowed)
        : place === 'stream'
          ? await this.open(raw)
          : this.receive(raw);
    if (refusal) {
      await send(raw, refusal);
    }
  }

  private async open({
    response,
    headers,
  }: HttpPair): Promise<Response | undefined> {
    const session = this.sessions.admit();
    if (typeof session === 'string') {
      return noRoom(session);
    }
    const messages = this.places()?.messages ?? '';
    const transport = new SseTransport(
      session.id,
      response,
      headers,
      `${messages}?sessionId=${session.id}`,
      this.maxUnreadBytes,
    );
    transport.watcher = session;
    const exchange = currentRequest();
    if (exchange) {
      exchange.writer = transport;
    }
    const end = session.begin();
    transport.onclose = () => {
      end();
      this.sessions.dismiss(session);
    };
    this.transports.set(session, transport);
    try {
      await session.server.connect(transport);
    } catch (error) {
      this.sessions.dismiss(session);
      throw error;
    }
    return undefined;
  }

  private receive({ request, response, body }: HttpPair): Response | undefined {
    const [, query] = (request.url ?? '').split('?');
    const id = new URLSearchParams(query).get('sessionId') ?? '';
    const session = this.sessions.findOwn(id);
    const transport = session && this.transports.get(session);
    if (!transport) {
      return sessionNotFound();
    }
    if (nestsTooDeep(body)) {
      return refusal(400, -32600, NESTS_TOO_DEEP);
    }
    if (!isMessage(body)) {
      return refusal(400, -32600, 'Invalid Request: not a JSON-RPC message');
    }
    if (isJSONRPCRequest(body) && !session.reserve([body.id])) {
      return idInUse(body);
    }
    const exchange = currentRequest();
    if (exchange) {
      exchange.outlet = transport.outlet;
    }
    // First, as the answer travels on the other connection.
    response.writeHead(202, { 'content-type': 'text/plain' });
    response.end('Accepted');
    transport.receive(body);
    return undefined;
  }
}

function isMessage(body: unknown): body is JSONRPCMessage {
  return (
    isJSONRPCRequest(body) ||
    isJSONRPCNotification(body) ||
    isJSONRPCResultResponse(body) ||
    isJSONRPCErrorResponse(body)
  );
}

const notAllowed = (allow: string): Response =>
  refusal(405, -32000, 'Method not allowed.', { allow });

async function send(
  { response, headers }: { response: ServerResponse } & HttpPair,
  refusal: Response,
): Promise<void> {
  const body = await refusal.text();
  response.writeHead(refusal.status, {
    ...headers,
    ...Object.fromEntries(refusal.headers),
  });
  response.end(body);
}
