import { randomUUID } from 'node:crypto';
import type {
  JSONRPCResultResponse,
  RequestId,
} from '@modelcontextprotocol/server';
import type { ProtocolEra } from '../../invocation/call/client-channel.interface.js';
import { eventOf } from '../streams/event-stream.js';

/** Bytes of all answers that are kept, beyond which they are made anew. */
const MAX_BYTES = 32 * 1024 * 1024;

/** A body as it was sent, but for the id in its middle. */
interface KeptAnswer {
  readonly before: Buffer;
  readonly after: Buffer;
}

/**
 * Answers to `tools/list` as they were sent, by the list that they hold. A list
 * is made anew when it changes, and with it its answer.
 */
export class KeptLists {
  private answers = new WeakMap<object, Map<ProtocolEra, KeptAnswer>>();
  private bytes = 0;

  /**
   * The body of an answer, in parts, as lists are long and are not copied for it.
   *
   * @returns undefined where the list has not been sent yet
   */
  get(
    list: object,
    era: ProtocolEra,
    id: RequestId,
  ): readonly Buffer[] | undefined {
    const kept = this.answers.get(list)?.get(era);
    return kept && [kept.before, Buffer.from(JSON.stringify(id)), kept.after];
  }

  keep(list: object, era: ProtocolEra, answer: JSONRPCResultResponse): void {
    const hole = randomUUID();
    const json = JSON.stringify({ ...answer, id: hole });
    const body = era === 'legacy' ? eventOf(json) : json;
    const [before = '', after = ''] = body.split(`"${hole}"`);
    const kept = { before: Buffer.from(before), after: Buffer.from(after) };
    this.bytes += kept.before.length + kept.after.length;
    if (this.bytes > MAX_BYTES) {
      this.answers = new WeakMap();
      this.bytes = kept.before.length + kept.after.length;
    }
    const byEra = this.answers.get(list) ?? new Map<ProtocolEra, KeptAnswer>();
    this.answers.set(list, byEra.set(era, kept));
  }
}
