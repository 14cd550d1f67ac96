import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';

/** How many are remembered; clients come with few. */
const MAX_KNOWN = 1000;

/** Characters of one that is remembered. */
const MAX_LENGTH = 4096;

/**
 * What the `_meta` of requests was found to be, which a client sends alike with
 * each of them but for its progress token.
 */
export class KnownEnvelopes {
  private readonly known = new Map<string, ProtocolEra>();

  /**
   * @param headers what else the decision depends on
   * @param decide asked for what is not known; undefined for what is neither is not remembered
   */
  eraOf(
    meta: unknown,
    headers: readonly unknown[],
    decide: () => ProtocolEra | undefined,
  ): ProtocolEra | undefined {
    const { progressToken, ...rest } = (meta ?? {}) as {
      readonly progressToken?: unknown;
    };
    if (
      !isPlain(meta) ||
      (typeof progressToken !== 'string' &&
        progressToken !== undefined &&
        !Number.isSafeInteger(progressToken))
    ) {
      return decide();
    }
    const key = JSON.stringify([meta && rest, ...headers]);
    const known = this.known.get(key);
    if (known !== undefined || key.length > MAX_LENGTH) {
      return known ?? decide();
    }
    const era = decide();
    if (era !== undefined) {
      if (this.known.size >= MAX_KNOWN) {
        this.known.clear();
      }
      this.known.set(key, era);
    }
    return era;
  }
}

function isPlain(meta: unknown): boolean {
  return (
    meta === undefined ||
    (typeof meta === 'object' && meta !== null && !Array.isArray(meta))
  );
}
