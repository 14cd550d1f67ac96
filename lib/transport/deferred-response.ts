import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { NodeServerResponseLike } from '@modelcontextprotocol/node';
import type { Exchange } from './exchange.js';

/**
 * The response the SDK writes to. The head is held back until the first byte
 * of the body, so that a call that ends in a refusal can still become one in
 * HTTP, and joins headers that the application has set.
 */
export class DeferredResponse implements NodeServerResponseLike {
  private head: { status: number; headers: Record<string, string> } | undefined;

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
    return this;
  }

  write(chunk: string | Uint8Array): boolean {
    this.sendHead();
    return this.raw.writableEnded || this.raw.write(chunk);
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
    return this;
  }

  private sendHead(): void {
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
      }
    }
    this.head = undefined;
  }
}
