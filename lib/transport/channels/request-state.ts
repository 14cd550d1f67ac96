import { createHash, randomBytes } from 'node:crypto';
import { Sealer } from '../../auth/sealing/sealer.js';

/** What a call that is run again must not lose. */
export interface CallState {
  /** The client's answers by the keys of the questions, as they came. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Results of `once()` by key. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a state belongs to; it can be used with nothing else. */
export interface StateBinding {
  /** Path of the endpoint: two servers may share their secrets. */
  readonly server: string;
  /** Who calls, as `callerIdentity()` tells it. */
  readonly caller: readonly unknown[];
  readonly method: string;
  readonly params: unknown;
}

/** A state as it is sealed. */
interface SealedState extends CallState {
  /** Milliseconds since the epoch. */
  readonly expires: number;
}

/** Milliseconds a person has for an answer. */
const LIFETIME = 600_000;

/** Characters of a sealed state; it travels in both directions, in each round. */
const MAX_LENGTH = 256 * 1024;

/**
 * Keeps the state of a call with its client (MCP 2026-07-28, Multi Round-Trip
 * Requests): encrypted, as it holds results of `once()`, for ten minutes, and
 * bound to server, caller, method and parameters.
 */
export class RequestState {
  private readonly sealer: Sealer;

  /** @param secrets of all instances, the newest first; none makes one of this process's own */
  constructor(secrets: readonly string[] | undefined) {
    this.sealer = new Sealer(
      secrets ?? [randomBytes(32).toString('base64url')],
      'request state',
    );
  }

  /** @throws Error for more state than a client can be asked to carry */
  async seal(state: CallState, binding: StateBinding): Promise<string> {
    const sealed = await this.sealer.seal(placeOf(binding), {
      ...state,
      expires: Date.now() + LIFETIME,
    } satisfies SealedState);
    if (sealed.length > MAX_LENGTH) {
      throw new Error(
        `The results of once() are too large to travel with the client: ${sealed.length} characters sealed, of ${MAX_LENGTH}. Keep them on the server, and give once() a key to them.`,
      );
    }
    return sealed;
  }

  /** @returns undefined for a state that is not ours, not of this call, or too old */
  async open(
    sealed: unknown,
    binding: StateBinding,
  ): Promise<CallState | undefined> {
    const state = (await this.sealer.open(placeOf(binding), sealed)) as
      SealedState | undefined;
    return state && state.expires > Date.now() ? state : undefined;
  }
}

function placeOf({ server, caller, method, params }: StateBinding): string {
  return createHash('sha256')
    .update(JSON.stringify([server, caller, method, params]))
    .digest('base64url');
}
