import type { ServerResponse } from 'node:http';
import type { NodeServerResponseLike } from '@modelcontextprotocol/node';
import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import type { HttpPair } from '../../platform/http-pair.js';
import type { EndpointRequest, RequestWriter } from './endpoint-request.js';
import { lateRefusal, mayStreamEarly, streamable } from './early-stream.js';
import {
  COMMENT,
  EVENT_STREAM,
  eventOf,
  messageIn,
} from '../streams/event-stream.js';
import { Outlet } from '../streams/event-stream.js';

/** The event that tells a client where to resume, before there is a message. */
const PRIMING_EVENT = /^id: [^\n]+\n(retry: \d+\n)?data: \n\n$/;
/** Characters that it may have: what is longer is not looked at. */
const PRIMING_LENGTH = 1000;
/** Milliseconds for which that event is held back: refusals come soon. */
const PRIMING_DELAY = 500;

/**
 * The response the SDK writes to. The head is held back until the first byte
 * of the body, so that a call that ends in a refusal can still become one in
 * HTTP, and joins headers that the application has set. So is the event that
 * opens a resumable stream, for a moment. A call that says nothing for long
 * becomes an event stream, whatever its answer will be.
 */
export class DeferredResponse implements NodeServerResponseLike, RequestWriter {
  private readonly raw: ServerResponse;
  private head: { status: number; headers: Record<string, string> } | undefined;
  private priming: string | Uint8Array | undefined;
  private primingTimer: NodeJS.Timeout | undefined;
  private isStream = false;
  private isEndable = false;
  /** Whether comments alone were sent, so that a refusal is still to be told. */
  private isEarly = false;
  /** The answer so far that is no event stream, where its head was not waited for. */
  private held: (string | Uint8Array)[] | undefined;
  /** What was written, where somebody wants to know the answer. */
  private heard: (string | Uint8Array)[] | undefined;
  private readonly onClose: ((...args: unknown[]) => void)[] = [];

  constructor(
    private readonly received: HttpPair,
    private readonly exchange: EndpointRequest,
  ) {
    this.raw = received.response;
    this.heard = exchange.onAnswer && [];
  }

  get destroyed(): boolean {
    return this.raw.destroyed;
  }

  writeHead(status: number, headers: Record<string, string> = {}): this {
    const isEvents = headers['content-type'] === EVENT_STREAM['content-type'];
    if (this.isEarly) {
      this.held = isEvents ? undefined : [];
      return this;
    }
    this.head = { status, headers };
    this.isStream = isEvents && headers['content-length'] === undefined;
    this.isEndable =
      this.exchange.staysOpen === true ||
      headers['mcp-session-id'] !== undefined;
    if (this.raw.req.method === 'GET' && isEvents) {
      // No call that could be refused, and its first event may be far off.
      this.sendHead();
      this.raw.flushHeaders();
    }
    return this;
  }

  /** Has what follows join the event stream that has begun, if one has. */
  joinStream(): void {
    this.isEarly = this.raw.headersSent;
  }

  /** Takes all of a stream at once: what waits is to be seen at the socket. */
  write(chunk: string | Uint8Array): boolean {
    this.heard?.push(chunk);
    return this.send(chunk);
  }

  end(chunk?: string | Uint8Array): this {
    if (this.heard) {
      const text = textOf([...this.heard, chunk ?? '']);
      this.heard = undefined;
      tell(text, this.exchange.onAnswer);
    }
    return this.finish(chunk);
  }

  private send(chunk: string | Uint8Array): boolean {
    if (this.held) {
      this.held.push(chunk);
      return true;
    }
    if (this.head && !this.priming && isPriming(chunk)) {
      this.priming = chunk;
      this.primingTimer = setTimeout(() => this.sendHead(), PRIMING_DELAY);
      this.primingTimer.unref();
      return true;
    }
    this.sendHead();
    if (this.raw.writableEnded) {
      return true;
    }
    if (!this.isStream) {
      return this.raw.write(chunk);
    }
    if (this.isEarly && this.exchange.refusal) {
      this.endEarly(messageIn(textOf([chunk])));
      return true;
    }
    this.isEarly = false;
    this.stream(chunk);
    return true;
  }

  private finish(chunk?: string | Uint8Array): this {
    if (chunk !== undefined && this.isEarly) {
      this.send(chunk);
      return this.finish();
    }
    if (this.held) {
      this.endEarly(textOf(this.held));
    }
    this.sendHead();
    if (!this.raw.writableEnded) {
      this.raw.end(chunk);
    }
    return this;
  }

  /**
   * Sends a comment, of which the client takes no notice, so that no proxy gives
   * up a connection on which nothing was sent for long. Where there is no
   * telling yet what the answer will be, it is an event stream from now on.
   */
  keepOpen(): void {
    const { raw, exchange } = this;
    if (raw.writableNeedDrain || (exchange.refusal && !raw.headersSent)) {
      // What is being sent already is no silence.
      return;
    }
    if (!raw.headersSent) {
      if (!this.head && mayStreamEarly(this.received)) {
        this.head = { status: 200, headers: EVENT_STREAM };
        this.isStream = true;
      }
      if (!this.isStream) {
        return;
      }
      this.sendHead();
      this.isEarly = !this.isEndable;
    }
    if (this.isStream && !raw.writableEnded) {
      raw.write(COMMENT);
    }
  }

  on(event: string, listener: (...args: unknown[]) => void): this {
    this.raw.on(event, listener);
    if (event === 'close') {
      this.onClose.push(listener);
    }
    return this;
  }

  private stream(chunk: string | Uint8Array): void {
    const { exchange, raw, isEndable } = this;
    const outlet = (exchange.outlet ??= new Outlet(
      raw,
      exchange.maxUnreadBytes ?? Infinity,
      isEndable,
    ));
    if (isEndable && outlet.isFull) {
      outlet.end();
      // As if the client had left: it comes back for what was not sent.
      for (const listener of this.onClose) {
        listener();
      }
      return;
    }
    outlet.write(chunk);
  }

  /** Ends a stream that has had comments alone, by the one message of its answer. */
  private endEarly(answer: string): void {
    const { raw, received, exchange } = this;
    this.held = undefined;
    raw.end(
      eventOf(
        exchange.refusal
          ? lateRefusal(exchange.refusal, answer)
          : streamable(answer, received.body),
      ),
    );
  }

  private sendHead(): void {
    clearTimeout(this.primingTimer);
    if (this.head && !this.raw.headersSent && !this.raw.destroyed) {
      for (const [name, value] of Object.entries(this.received.headers)) {
        if (value !== undefined) {
          this.raw.setHeader(name, value);
        }
      }
      const { refusal } = this.exchange;
      if (refusal) {
        this.raw.writeHead(refusal.status, refusal.headers);
        this.raw.end(refusal.body);
      } else {
        this.raw.writeHead(this.head.status, this.head.headers);
        if (this.priming) {
          this.raw.write(this.priming);
        }
      }
    }
    this.head = this.priming = undefined;
  }
}

/** Tells the last message of a body, which is JSON or an event stream; what is neither is no answer. */
function tell(
  body: string,
  listener: EndpointRequest['onAnswer'] = () => undefined,
): void {
  const last = body.startsWith('{')
    ? body
    : messageIn(body.slice(body.lastIndexOf('event: message\n')));
  try {
    listener(JSON.parse(last) as JSONRPCMessage);
  } catch {
    // Nothing to be learned from it.
  }
}

function isPriming(chunk: string | Uint8Array): boolean {
  return chunk.length <= PRIMING_LENGTH && PRIMING_EVENT.test(textOf([chunk]));
}

function textOf(chunks: readonly (string | Uint8Array)[]): string {
  return Buffer.concat(
    chunks.map((chunk) =>
      typeof chunk === 'string' ? Buffer.from(chunk) : chunk,
    ),
  ).toString();
}
