import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
} from '@modelcontextprotocol/server';
import type { ServerResponse } from 'node:http';
import type { RawExchange } from '../../adapter-exchange.js';
import { currentExchange } from '../../exchange.js';
import type { LegacySession } from '../legacy-session.js';
import type { LegacySessions } from '../legacy-sessions.js';
import {
  idInUse,
  noRoom,
  refusal,
  sessionNotFound,
} from '../session-refusals.js';
import { routePathOf, type SsePlaces } from './sse-places.js';
import { SseTransport } from './sse.transport.js';

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

  /** Which of the two paths a request is on. */
  placeOf(request: unknown): keyof SsePlaces | undefined {
    const places = this.places();
    const path = places && routePathOf(request);
    return path === undefined
      ? undefined
      : path === places?.stream
        ? 'stream'
        : path === places?.messages
          ? 'messages'
          : undefined;
  }

  /** Serves a request on one of the paths; resolves when that is under way. */
  async serve(place: keyof SsePlaces, raw: RawExchange): Promise<void> {
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
  }: RawExchange): Promise<Response | undefined> {
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
    const exchange = currentExchange();
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

  private receive({
    request,
    response,
    body,
  }: RawExchange): Response | undefined {
    const [, query] = (request.url ?? '').split('?');
    const id = new URLSearchParams(query).get('sessionId') ?? '';
    const session = this.sessions.findOwn(id);
    const transport = session && this.transports.get(session);
    if (!transport) {
      return sessionNotFound();
    }
    if (!isMessage(body)) {
      return refusal(400, -32600, 'Invalid Request: not a JSON-RPC message');
    }
    if (isJSONRPCRequest(body) && !session.reserve([body.id])) {
      return idInUse(body);
    }
    const exchange = currentExchange();
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
  { response, headers }: { response: ServerResponse } & RawExchange,
  refusal: Response,
): Promise<void> {
  const body = await refusal.text();
  response.writeHead(refusal.status, {
    ...headers,
    ...Object.fromEntries(refusal.headers),
  });
  response.end(body);
}
