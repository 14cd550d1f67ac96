import {
  BAGGAGE_META_KEY,
  TRACEPARENT_META_KEY,
  TRACESTATE_META_KEY,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';

/** How many are remembered; clients come with few. */
const MAX_KNOWN = 1000;

/** Characters of one that is remembered. */
const MAX_LENGTH = 4096;

/** What the `_meta` of a request was found to be. */
export interface Envelope {
  readonly era: ProtocolEra;
  /** Whether the SDK's server has answered a request with it, and so found nothing wrong with it. */
  isProven: boolean;
}

/** What differs from request to request, and may be any text. */
interface Passing {
  readonly progressToken?: unknown;
  readonly [TRACEPARENT_META_KEY]?: unknown;
  readonly [TRACESTATE_META_KEY]?: unknown;
  readonly [BAGGAGE_META_KEY]?: unknown;
}

/**
 * What the `_meta` of requests was found to be, which a client sends alike with
 * each of them but for its progress token and its trace.
 */
export class KnownEnvelopes {
  private readonly known = new Map<string, Envelope>();

  /**
   * @param headers what else the decision depends on
   * @param decide asked for what is not known; undefined for what is neither is not remembered
   */
  find(
    meta: unknown,
    headers: readonly unknown[],
    decide: () => ProtocolEra | undefined,
  ): Envelope | undefined {
    const {
      progressToken,
      [TRACEPARENT_META_KEY]: traceparent,
      [TRACESTATE_META_KEY]: tracestate,
      [BAGGAGE_META_KEY]: baggage,
      ...rest
    } = (meta ?? {}) as Passing;
    if (
      !isPlain(meta) ||
      !(isText(progressToken) || Number.isSafeInteger(progressToken)) ||
      !isText(traceparent) ||
      !isText(tracestate) ||
      !isText(baggage)
    ) {
      return unproven(decide());
    }
    const key = keyOf([meta && rest, ...headers]);
    if (key === undefined) {
      return undefined;
    }
    const known = this.known.get(key);
    if (known !== undefined || key.length > MAX_LENGTH) {
      return known ?? unproven(decide());
    }
    const envelope = unproven(decide());
    if (envelope) {
      if (this.known.size >= MAX_KNOWN) {
        this.known.clear();
      }
      this.known.set(key, envelope);
    }
    return envelope;
  }
}

/** Undefined for what nests too deep to be written as JSON. */
function keyOf(parts: readonly unknown[]): string | undefined {
  try {
    return JSON.stringify(parts);
  } catch {
    return undefined;
  }
}

function unproven(era: ProtocolEra | undefined): Envelope | undefined {
  return era && { era, isProven: false };
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isPlain(meta: unknown): boolean {
  return (
    meta === undefined ||
    (typeof meta === 'object' && meta !== null && !Array.isArray(meta))
  );
}
