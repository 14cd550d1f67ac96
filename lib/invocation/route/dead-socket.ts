import { EventEmitter } from 'node:events';
import type { Caller } from './caller.js';

/**
 * Stands in for the connection of a request that came over none. It knows the
 * caller's address and whether the caller's connection is encrypted; there is
 * nothing to read from it, and what is written to it is gone.
 */
export class DeadSocket extends EventEmitter {
  readonly remoteAddress: string | undefined;
  readonly encrypted: boolean;
  readable = true;
  writable = true;
  destroyed = false;
  // Not `private`: the application holds this socket, and must not reach the
  // caller's own connection through it.
  readonly #outer: Caller['socket'];

  constructor({ address, encrypted, socket }: Caller) {
    super();
    this.remoteAddress = address;
    this.encrypted = encrypted;
    this.#outer = socket;
  }

  // Looked up when asked for, which few requests are.

  get remoteFamily(): string {
    return this.remoteAddress?.includes(':') ? 'IPv6' : 'IPv4';
  }

  get remotePort(): number | undefined {
    return this.#outer?.remotePort;
  }

  get localAddress(): string | undefined {
    return this.#outer?.localAddress;
  }

  get localPort(): number | undefined {
    return this.#outer?.localPort;
  }

  /** Whether the caller's client certificate was verified (TLS). */
  get authorized(): boolean {
    const { authorized } = (this.#outer ?? {}) as { authorized?: boolean };
    return authorized === true;
  }

  get bytesRead(): number {
    return 0;
  }

  get bytesWritten(): number {
    return 0;
  }

  get connecting(): boolean {
    return false;
  }

  get readyState(): string {
    return 'open';
  }

  get writableLength(): number {
    return 0;
  }

  /** The caller's client certificate; empty without one. */
  getPeerCertificate(detailed?: boolean): object {
    const outer = this.#outer as
      { getPeerCertificate?(detailed?: boolean): object } | undefined;
    return outer?.getPeerCertificate?.(detailed) ?? {};
  }

  address(): object {
    return {};
  }

  write(): boolean {
    return !this.destroyed;
  }

  end(): this {
    return this.destroy();
  }

  /** Emits `close`, once; on it the inner exchange ends. */
  destroy(error?: Error): this {
    if (!this.destroyed) {
      this.destroyed = true;
      this.readable = false;
      this.writable = false;
      process.nextTick(() => this.emit('close', error !== undefined));
    }
    return this;
  }

  destroySoon(): void {
    this.destroy();
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

  setEncoding(): this {
    return this;
  }

  pause(): this {
    return this;
  }

  resume(): this {
    return this;
  }

  isPaused(): boolean {
    return false;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  cork(): void {
    // Nothing is ever sent.
  }

  uncork(): void {
    // Nothing is ever sent.
  }
}
