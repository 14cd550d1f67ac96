import {
  classifyInboundRequest,
  isInitializeRequest,
  isJsonContentType,
  type McpHandlerRequestOptions,
} from '@modelcontextprotocol/server';
import { currentRequest } from '../request/endpoint-request.js';
import { requestIdsOf } from '../request/json-rpc-error.js';
import {
  currentCaller,
  type SessionCaller,
} from '../request/session-caller.js';
import { FollowedStreams } from '../resume/stream.follower.js';
import { endingWith } from '../streams/event-stream.js';
import type { LegacySession } from './legacy-session.js';
import { ServedSession } from './served.session.js';
import {
  idInUse,
  noRoom,
  sessionNotFound,
  sessionRequired,
  storeUnavailable,
  type Overload,
} from '../request/request-refusals.js';
import type { SessionSettings } from './session-settings.js';
import {
  SESSION_ID,
  SessionDirectory,
  type SessionDependencies,
} from './session.directory.js';
import type { SessionRegistry } from './session.registry.js';
import type { SessionRelay } from './session.relay.js';

/** Undefined for what is no JSON: the SDK's handler refuses that. */
async function bodyOf(
  request: Request,
  { parsedBody }: McpHandlerRequestOptions,
): Promise<unknown> {
  if (
    parsedBody !== undefined ||
    !isJsonContentType(request.headers.get('content-type'))
  ) {
    return parsedBody;
  }
  try {
    return JSON.parse(await request.clone().text());
  } catch {
    return undefined;
  }
}

/** Whether a request is of an era that has sessions. */
function isLegacy(request: Request, body: unknown): boolean {
  const header = (name: string) => request.headers.get(name) ?? undefined;
  return (
    body !== undefined &&
    isJsonContentType(request.headers.get('content-type')) &&
    classifyInboundRequest({
      httpMethod: request.method,
      protocolVersionHeader: header('mcp-protocol-version'),
      mcpMethodHeader: header('mcp-method'),
      mcpNameHeader: header('mcp-name'),
      body,
    }).kind === 'legacy'
  );
}

/**
 * Serves clients before 2026-07-28 that keep a session (MCP 2025-11-25,
 * Transports, "Session Management"). A session belongs to who began it: to
 * everybody else it does not exist.
 */
export class LegacySessions {
  private readonly directory: SessionDirectory;
  private readonly registry: SessionRegistry;
  private readonly relay: SessionRelay;
  private readonly followed: FollowedStreams;

  constructor(
    private readonly settings: SessionSettings,
    private readonly surroundings: SessionDependencies,
  ) {
    this.directory = new SessionDirectory(settings, surroundings);
    ({ registry: this.registry, relay: this.relay } = this.directory);
    this.followed = new FollowedStreams(
      surroundings.store,
      settings.maxPerUser,
    );
  }

  /** Begins to hear of other instances, once the store and the bus are known. */
  start(): void {
    this.directory.start();
  }

  /** The sessions on this instance. */
  all(): readonly LegacySession[] {
    return this.registry.all();
  }

  /** Calls that have no response yet, whether or not anybody waits for it. */
  get runningCalls(): number {
    return this.registry.runningCalls;
  }

  /** Serves a request, or returns undefined for one that is none of a session. */
  async fetch(
    request: Request,
    options: McpHandlerRequestOptions,
  ): Promise<Response | undefined> {
    const id = request.headers.get('mcp-session-id');
    if (request.method !== 'POST') {
      return id === null || this.isOutlived(id, request)
        ? undefined
        : this.resume(id, request);
    }
    const parsedBody = await bodyOf(request, options);
    const begins = isInitializeRequest(parsedBody);
    if (
      (id === null && !begins && !this.settings.required) ||
      !isLegacy(request, parsedBody)
    ) {
      return undefined;
    }
    if (id !== null) {
      return !begins && this.isOutlived(id, request)
        ? undefined
        : this.serve(id, request, parsedBody);
    }
    return begins ? this.begin(request, parsedBody) : sessionRequired();
  }

  /** A session of the current caller that another transport serves, or why there is no room for it. */
  admit(): LegacySession | Overload {
    const caller = this.caller();
    const overload = this.registry.makeRoom(caller);
    return overload ?? this.directory.add(this.directory.createId(), caller);
  }

  /** A session of {@link admit} that belongs to the current caller. */
  findOwn(id: string): LegacySession | undefined {
    const caller = this.caller();
    const session = this.registry.find(id, caller.owner);
    if (!session || !this.directory.isForeign(session)) {
      return undefined;
    }
    session.token = caller.token;
    this.registry.use(session);
    return session;
  }

  /** Forgets a session of {@link admit}. */
  dismiss(session: LegacySession): void {
    this.registry.remove(session);
  }

  /** Ends every session, and every stream that is followed. */
  async close(): Promise<void> {
    this.directory.close();
    this.followed.close();
    await Promise.all(
      this.registry
        .all()
        .map(({ server }) => server.close().catch(() => undefined)),
    );
  }

  private async begin(
    request: Request,
    parsedBody: unknown,
  ): Promise<Response> {
    const caller = this.caller();
    const overload = this.registry.makeRoom(caller);
    if (overload) {
      return noRoom(overload);
    }
    const served = this.directory.open(this.directory.createId(), caller);
    const { session, transport } = served;
    if (this.relay.isShared) {
      served.share();
    }
    try {
      await session.server.connect(transport);
      await this.directory.keeper.keep(session, served.state);
      const response = await this.handle(served, request, parsedBody);
      if (!response.ok) {
        await this.directory.keeper.forget(session.id);
        await session.server.close();
      }
      return response;
    } catch (error) {
      await transport.close();
      throw error;
    }
  }

  private async serve(
    id: string,
    request: Request,
    parsedBody: unknown,
  ): Promise<Response> {
    const served = await this.directory.find(id, this.caller());
    return served instanceof ServedSession
      ? this.handle(served, request, parsedBody)
      : served;
  }

  /** GET and DELETE. */
  private async resume(id: string, request: Request): Promise<Response> {
    const caller = this.caller();
    const served = await this.directory.find(id, caller);
    const after =
      request.method === 'GET' ? request.headers.get('last-event-id') : null;
    const follow = (event: string): Promise<Response> =>
      this.followed.follow(id, event, caller, request);
    if (served instanceof Response) {
      return after !== null && SESSION_ID.test(id) && !this.relay.isShared
        ? follow(after)
        : served;
    }
    const stream =
      after === null ? undefined : await served.events.streamOf(after);
    if (after !== null) {
      const owner = stream === undefined ? 'none' : this.relay.ownerOf(stream);
      if (owner !== 'own') {
        return owner === 'other' ? follow(after) : sessionNotFound();
      }
    }
    if (isListening(request) && !stream?.includes('/')) {
      await served.speak();
    }
    return this.handle(served, request);
  }

  private async handle(
    served: ServedSession,
    request: Request,
    body?: unknown,
  ): Promise<Response> {
    const { session, transport } = served;
    const parsedBody = await served.receive(body).catch(storeUnavailable);
    if (parsedBody instanceof Response) {
      return parsedBody;
    }
    if (body !== undefined && parsedBody === undefined) {
      return new Response(null, { status: 202 });
    }
    const ids = requestIdsOf(parsedBody);
    if (!session.reserve(ids)) {
      return idInUse(parsedBody);
    }
    const end = session.begin();
    this.registry.use(session);
    try {
      const response = await transport.handleRequest(request, {
        ...(parsedBody !== undefined && { parsedBody }),
      });
      if (!response.ok) {
        session.release(ids);
      } else if (
        request.method === 'GET' &&
        !request.headers.has('last-event-id')
      ) {
        transport.listening = currentRequest();
      }
      return endingWith(response, request.signal, end);
    } catch (error) {
      session.release(ids);
      end();
      throw error;
    }
  }

  /** A stream may still be in the store, where that outlives its process. */
  private isOutlived(id: string, { headers }: Request): boolean {
    return !headers.has('last-event-id') && this.directory.isOutlived(id);
  }

  private caller(): SessionCaller {
    return currentCaller(this.surroundings.server());
  }
}

/** Whether a request is going to open a stream, if it is not refused. */
function isListening({ method, headers }: Request): boolean {
  return (
    method === 'GET' &&
    headers.get('accept')?.includes('text/event-stream') === true
  );
}
