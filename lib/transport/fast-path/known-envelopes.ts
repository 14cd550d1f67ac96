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

/**
 * What the `_meta` of requests was found to be, which a client sends alike with
 * each of them but for its progress token.
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
    const { progressToken, ...rest } = (meta ?? {}) as {
      readonly progressToken?: unknown;
    };
    if (
      !isPlain(meta) ||
      (typeof progressToken !== 'string' &&
        progressToken !== undefined &&
        !Number.isSafeInteger(progressToken))
    ) {
      return unproven(decide());
    }
    const key = JSON.stringify([meta && rest, ...headers]);
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

function unproven(era: ProtocolEra | undefined): Envelope | undefined {
  return era && { era, isProven: false };
}

function isPlain(meta: unknown): boolean {
  return (
    meta === undefined ||
    (typeof meta === 'object' && meta !== null && !Array.isArray(meta))
  );
}
