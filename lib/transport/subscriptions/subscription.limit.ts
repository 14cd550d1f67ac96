import { Inject, Injectable } from '@nestjs/common';
import type { McpHandlerRequestOptions } from '@modelcontextprotocol/server';
import { SERVER_SETTINGS, type ServerSettings } from '../../server-settings.js';
import { EndpointAddress } from '../endpoint.address.js';
import { currentCaller } from '../sessions/session-caller.js';
import { endingWith } from '../streams/ending-body.js';

const INTERNAL_ERROR = -32603;

/** In the words of the SDK, for its own limit over all callers. */
export const LIMIT_REACHED = 'Subscription limit reached';

/**
 * Holds each caller to `maxSubscriptions`: streams of `subscriptions/listen`,
 * and sessions that have subscribed to resources. A caller is client, issuer
 * and subject of a token; without one, an address.
 */
@Injectable()
export class SubscriptionLimit {
  private readonly held = new Map<string, number>();

  constructor(
    @Inject(SERVER_SETTINGS)
    private readonly settings: Pick<ServerSettings, 'maxSubscriptions'>,
    private readonly address: EndpointAddress,
  ) {}

  /**
   * Takes one.
   *
   * @param quota of a session; by default, of whoever sends the request being served
   * @returns gives it back, once; undefined where the caller has them all
   */
  take(quota = this.currentQuota()): (() => void) | undefined {
    const held = this.held.get(quota) ?? 0;
    if (held >= this.settings.maxSubscriptions) {
      return undefined;
    }
    this.held.set(quota, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) {
        isHeld = false;
        this.giveBack(quota);
      }
    };
  }

  /**
   * Serves a request, unless it is for a stream that its caller may not have:
   * that is answered in-band (MCP 2026-07-28, Subscriptions).
   */
  async fetch(
    request: Request,
    { parsedBody }: McpHandlerRequestOptions,
    serve: () => Promise<Response>,
  ): Promise<Response> {
    // The SDK refuses a request whose header does not say what its body says.
    if (request.headers.get('mcp-method')?.trim() !== 'subscriptions/listen') {
      return serve();
    }
    const giveBack = this.take();
    if (!giveBack) {
      return Response.json({
        jsonrpc: '2.0',
        error: { code: INTERNAL_ERROR, message: LIMIT_REACHED },
        id: idOf(parsedBody ?? (await readBody(request))),
      });
    }
    try {
      return endingWith(await serve(), request.signal, giveBack);
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  private currentQuota(): string {
    return currentCaller(this.address.path).quota;
  }

  private giveBack(quota: string): void {
    const left = (this.held.get(quota) ?? 1) - 1;
    if (left > 0) {
      this.held.set(quota, left);
    } else {
      this.held.delete(quota);
    }
  }
}

async function readBody(request: Request): Promise<unknown> {
  try {
    return (await request.json()) as unknown;
  } catch {
    return undefined;
  }
}

function idOf(body: unknown): string | number | null {
  const { id } = (body ?? {}) as { id?: unknown };
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
