import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import type { Writable } from 'node:stream';

/** The SDK's transport, which tells when the connection is over, whoever ended it. */
export class WatchedTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  private readonly noteClosed: () => void;

  constructor(stdout: Writable) {
    super(process.stdin, stdout);
    let note = (): void => undefined;
    this.closed = new Promise((resolve) => (note = resolve));
    this.noteClosed = note;
  }

  override async close(): Promise<void> {
    await super.close();
    this.noteClosed();
  }
}
