import { Duplex } from 'node:stream';

type Done = (error?: Error | null) => void;

/**
 * One end of a connection within the process, with what Node's HTTP client and
 * server, and the frameworks, ask of a socket. The caller is this machine.
 */
export class MemorySocket extends Duplex {
  readonly remoteAddress = '127.0.0.1';
  readonly remoteFamily = 'IPv4';
  readonly remotePort = 0;
  readonly localAddress = '127.0.0.1';
  readonly localPort = 0;
  readonly encrypted = false;
  private peer: MemorySocket | undefined;
  /** Tells the peer that its last chunk has been read. */
  private resumePeer: (() => void) | undefined;

  /** Two ends: what is written to one is read from the other. */
  static pair(): [MemorySocket, MemorySocket] {
    const ends: [MemorySocket, MemorySocket] = [
      new MemorySocket(),
      new MemorySocket(),
    ];
    [ends[0].peer, ends[1].peer] = [ends[1], ends[0]];
    return ends;
  }

  override _read(): void {
    const resume = this.resumePeer;
    this.resumePeer = undefined;
    resume?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    if (!this.peer || this.peer.destroyed || this.peer.push(chunk)) {
      done();
    } else {
      this.peer.resumePeer = done;
    }
  }

  override _final(done: Done): void {
    if (this.peer && !this.peer.destroyed) {
      this.peer.push(null);
    }
    done();
  }

  /** An end that goes before it has said everything takes the other along. */
  override _destroy(error: Error | null, done: Done): void {
    this._read();
    if (!this.writableFinished) {
      process.nextTick(() => this.peer?.destroy());
    }
    done(error);
  }

  /** As `net.Socket` has it: ends, and goes when everything is written. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  address(): object {
    return {};
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}
