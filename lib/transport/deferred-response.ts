import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { NodeServerResponseLike } from '@modelcontextprotocol/node';
import type { Exchange } from './exchange.js';
import { Outlet } from './streams/outlet.js';

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
 * opens a resumable stream, for a moment.
 */
export class DeferredResponse implements NodeServerResponseLike {
  private head: { status: number; headers: Record<string, string> } | undefined;
  private priming: string | Uint8Array | undefined;
  private primingTimer: NodeJS.Timeout | undefined;
  private isStream = false;
  private isEndable = false;
  private readonly onClose: ((...args: unknown[]) => void)[] = [];

  constructor(
    private readonly raw: ServerResponse,
    private readonly inherited: OutgoingHttpHeaders,
    private readonly exchange: Exchange,
  ) {}

  get destroyed(): boolean {
    return this.raw.destroyed;
  }

  writeHead(status: number, headers: Record<string, string> = {}): this {
    this.head = { status, headers };
    this.isStream =
      headers['content-type'] === 'text/event-stream' &&
      headers['content-length'] === undefined;
    this.isEndable =
      this.exchange.staysOpen === true ||
      headers['mcp-session-id'] !== undefined;
    if (
      this.raw.req.method === 'GET' &&
      headers['content-type'] === 'text/event-stream'
    ) {
      // No call that could be refused, and its first event may be far off.
      this.sendHead();
      this.raw.flushHeaders();
    }
    return this;
  }

  /** Takes all of a stream at once: what waits is to be seen at the socket. */
  write(chunk: string | Uint8Array): boolean {
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
    this.stream(chunk);
    return true;
  }

  end(chunk?: string | Uint8Array): this {
    this.sendHead();
    if (!this.raw.writableEnded) {
      this.raw.end(chunk);
    }
    return this;
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

  private sendHead(): void {
    clearTimeout(this.primingTimer);
    if (this.head && !this.raw.headersSent && !this.raw.destroyed) {
      for (const [name, value] of Object.entries(this.inherited)) {
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

function isPriming(chunk: string | Uint8Array): boolean {
  return (
    chunk.length <= PRIMING_LENGTH &&
    PRIMING_EVENT.test(
      typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString(),
    )
  );
}
