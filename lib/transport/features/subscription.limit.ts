import { Injectable } from '@nestjs/common';
import type { McpHandlerRequestOptions } from '@modelcontextprotocol/server';
import { McpServerInstance } from '../../server/mcp-server-instance.js';
import { currentCaller } from '../request/session-caller.js';
import type { TokenHolder } from '../request/session-caller.js';
import { endingWith } from '../streams/event-stream.js';

const INTERNAL_ERROR = -32603;

/** In the words of the SDK, for its own limit over all callers. */
export const LIMIT_REACHED = 'Subscription limit reached';

/**
 * Holds each caller to `maxSubscriptions`, and all of them together to
 * `maxSubscriptionsInTotal`: streams of `subscriptions/listen`, and sessions
 * that have subscribed to resources. A caller is client, issuer and subject of a
 * token; without one, an address.
 */
@Injectable()
export class SubscriptionLimit {
  private readonly held = new Map<string, number>();
  private total = 0;
  /** Ends one of an anonymous caller; the oldest is the first. */
  private readonly anonymous = new Set<() => void>();

  constructor(private readonly server: McpServerInstance) {}

  /**
   * Takes one. Where there are no more, the oldest of the anonymous callers gives
   * way to one with a token.
   *
   * @param onGivenAway called when it has to give way, and counts no more
   * @param holder whose it is; by default, of whoever sends the request being served
   * @returns gives it back, once; undefined where the caller cannot have one
   */
  take(
    onGivenAway: () => void,
    holder?: TokenHolder,
  ): (() => void) | undefined {
    const caller = currentCaller(this.server.path);
    const { quota = caller.quota, token } = holder ?? caller;
    const held = this.held.get(quota) ?? 0;
    if (
      held >= this.server.settings.limits.maxSubscriptions ||
      !this.makeRoom(!token)
    ) {
      return undefined;
    }
    this.held.set(quota, held + 1);
    this.total += 1;
    let isHeld = true;
    const giveBack = (): void => {
      if (isHeld) {
        isHeld = false;
        this.anonymous.delete(giveAway);
        this.giveBack(quota);
      }
    };
    const giveAway = (): void => {
      giveBack();
      onGivenAway();
    };
    if (!token) {
      this.anonymous.add(giveAway);
    }
    return giveBack;
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
    const givenAway = new AbortController();
    const giveBack = this.take(() => givenAway.abort());
    if (!giveBack) {
      return Response.json({
        jsonrpc: '2.0',
        error: { code: INTERNAL_ERROR, message: LIMIT_REACHED },
        id: idOf(parsedBody ?? (await readBody(request))),
      });
    }
    try {
      return endingWith(
        await serve(),
        AbortSignal.any([request.signal, givenAway.signal]),
        giveBack,
      );
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  private makeRoom(isAnonymous: boolean): boolean {
    if (this.total < this.server.settings.limits.maxSubscriptionsInTotal) {
      return true;
    }
    const [giveAway] = isAnonymous ? [] : this.anonymous;
    giveAway?.();
    return giveAway !== undefined;
  }

  private giveBack(quota: string): void {
    this.total -= 1;
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
