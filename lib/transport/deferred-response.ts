import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { NodeServerResponseLike } from '@modelcontextprotocol/node';

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
    return this.raw.write(chunk);
  }

  end(chunk?: string | Uint8Array): this {
    this.sendHead();
    this.raw.end(chunk);
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
      this.raw.writeHead(this.head.status, this.head.headers);
    }
    this.head = undefined;
  }
}
