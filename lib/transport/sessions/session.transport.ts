import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type RequestId,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import type { EndpointRequest } from '../request/endpoint-request.js';
import { READY } from '../streams/event-stream.js';
import { sessionNotFound } from '../request/request-refusals.js';
import type { SessionEvents } from '../resume/session-events.js';
import {
  changeOf,
  type LastingRequest,
  type StateChange,
} from './legacy-session.js';

/** What a session learns of the messages that pass. */
export interface MessageWatcher {
  noteCall(id: RequestId): void;
  isRunning(id: RequestId): boolean;
  noteAnswer(id: RequestId): void;
}

/** Who has a say where several instances serve one session. */
export interface SessionSharing {
  /** Whether this instance tells the client what it has not asked for. */
  readonly speaks: boolean;
  /** Told of what has changed for all instances, before the client hears of it. */
  onChange(change: StateChange): Promise<void>;
  questionId(id: unknown): string;
}

/** What becomes of a session. */
interface SessionEnd {
  /** Called for a DELETE, before the session ends. */
  onDelete(): Promise<void>;
  /** Called at the end, for whatever reason. */
  onClosed(): void;
}

/** Not in use by the protocol; the Language Server Protocol has it for the same. */
const REQUEST_CANCELLED = -32800;

/** The SDK's transport of one session, which tells what calls are running. */
export class SessionTransport extends WebStandardStreamableHTTPServerTransport {
  /** The exchange of the stream that carries what belongs to no call. */
  listening: EndpointRequest | undefined;
  /** To be set before the server is connected. */
  watcher: MessageWatcher | undefined;

  /** Undefined where this instance alone serves the session; to be set once it is begun or taken up. */
  sharing: SessionSharing | undefined;
  /** What requests that have no answer yet are going to change. */
  private readonly changing = new Map<RequestId, StateChange>();
  /** Requests that nobody waits for but this instance. */
  private readonly repeated = new Map<RequestId, () => void>();
  private isClosed = false;

  constructor(
    id: string,
    private readonly events: SessionEvents,
    retryInterval: number,
    end: SessionEnd,
  ) {
    super({
      sessionIdGenerator: () => id,
      eventStore: events,
      retryInterval,
      // Streams of all kinds are kept open by the endpoint.
      keepAliveMs: 0,
      onsessionclosed: () => end.onDelete(),
    });
    // The server's own are called as well, after these.
    this.onclose = () => {
      this.isClosed = true;
      this.repeated.forEach((done) => done());
      end.onClosed();
    };
    this.onmessage = (message) => this.watch(message);
  }

  /** The SDK takes a session that ends while an event is stored for a request that cannot be read. */
  override async handleRequest(
    ...request: Parameters<
      WebStandardStreamableHTTPServerTransport['handleRequest']
    >
  ): Promise<Response> {
    const response = await super.handleRequest(...request);
    return this.isClosed && !response.ok ? sessionNotFound() : response;
  }

  /** Begins with what the client sent to the instance that began the session. */
  async begin(params: unknown): Promise<void> {
    const body = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const headers = {
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    };
    this.events.isMuted = true;
    try {
      const response = await this.handleRequest(
        new Request('http://localhost/', { method: 'POST', headers }),
        { parsedBody: body },
      );
      // Its answer has been given, elsewhere.
      await response.text();
      this.deliver({ jsonrpc: '2.0', method: 'notifications/initialized' });
    } finally {
      this.events.isMuted = false;
    }
  }

  /** Does what the client has asked another instance for; resolves when that is done. */
  repeat(request: LastingRequest): Promise<void> {
    if (this.isClosed) {
      return Promise.resolve();
    }
    const id = randomUUID();
    return new Promise((resolve) => {
      this.repeated.set(id, resolve);
      this.deliver({ jsonrpc: '2.0', id, ...request });
    });
  }

  /** Takes a message that came by another way than a request to this instance. */
  deliver(message: JSONRPCMessage): void {
    this.onmessage?.(message);
  }

  /** Resolves when the client has taken what its GET stream holds; at once without one. */
  drained(): Promise<void> {
    return this.listening?.outlet?.drained() ?? READY;
  }

  override async send(
    message: JSONRPCMessage,
    options?: { relatedRequestId?: RequestId },
  ): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      await this.answer(message, message.id as RequestId);
    } else if (options?.relatedRequestId !== undefined) {
      await super.send(this.asked(message), options);
    } else if (this.sharing?.speaks !== false) {
      await super.send(this.asked(message), options);
    }
  }

  private async answer(message: JSONRPCMessage, id: RequestId): Promise<void> {
    const done = this.repeated.get(id);
    if (done) {
      this.repeated.delete(id);
      done();
      return;
    }
    const change = this.changing.get(id);
    this.changing.delete(id);
    try {
      if (change && isJSONRPCResultResponse(message)) {
        await this.sharing?.onChange(change);
      }
      await super.send(message);
    } finally {
      this.watcher?.noteAnswer(id);
    }
  }

  /** With ids that are no other instance's. */
  private asked(message: JSONRPCMessage): JSONRPCMessage {
    const { sharing } = this;
    if (!sharing) {
      return message;
    }
    if (isJSONRPCRequest(message)) {
      return { ...message, id: sharing.questionId(message.id) };
    }
    return isCancellation(message)
      ? {
          ...message,
          params: {
            ...message.params,
            requestId: sharing.questionId(message.params?.['requestId']),
          },
        }
      : message;
  }

  private watch(message: JSONRPCMessage): void {
    if (isJSONRPCRequest(message)) {
      if (!this.repeated.has(message.id)) {
        this.watchCall(message);
      }
    } else if (isCancellation(message)) {
      this.endCancelled(message.params?.['requestId'] as RequestId);
    }
  }

  private watchCall(message: JSONRPCRequest): void {
    this.watcher?.noteCall(message.id);
    const change = this.sharing && changeOf(message);
    if (change) {
      this.changing.set(message.id, change);
    }
  }

  /**
   * The SDK does not answer a call that was cancelled, and its stream would
   * stay open until the session ends. An answer is what ends it for clients
   * that would resume it otherwise. Until it is sent, the id is in use.
   */
  private endCancelled(id: RequestId): void {
    if (this.watcher?.isRunning(id)) {
      const error = { code: REQUEST_CANCELLED, message: 'Request cancelled' };
      this.send({ jsonrpc: '2.0', id, error }).catch((failure: Error) =>
        this.onerror?.(failure),
      );
    }
  }
}

/** Whether a message ends a request before its answer. */
export function isCancellation(
  message: JSONRPCMessage,
): message is JSONRPCNotification {
  return (
    isJSONRPCNotification(message) &&
    message.method === 'notifications/cancelled'
  );
}
