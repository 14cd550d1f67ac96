import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  type ClientCapabilities,
  type Implementation,
  type InputRequest,
  inputRequired,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type Server,
  type ServerEvent,
} from '@modelcontextprotocol/server';
import { createHash, randomBytes } from 'node:crypto';
import { InputRequiredError } from '../../invocation/call/call.errors.js';
import type { McpClientInfo } from '../../invocation/call/client-link.js';
import { Sealer } from '../../secrets/sealer.js';
import type { RequestContext } from '../request/endpoint-request.js';
import type { Question } from './elicitation.js';
import { SdkClientLink } from './sdk.client-link.js';

/** What a call that is run again must not lose. */
interface CallState {
  /** The client's answers by the keys of the questions, as they came. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Results of `once()` by key. */
  readonly values: Readonly<Record<string, unknown>>;
}

/** What a state belongs to; it can be used with nothing else. */
interface StateBinding {
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

/** What a call begins with that has asked nothing yet. */
const NO_STATE: CallState = { answers: {}, values: {} };

/** What a call has asked and begun, which most calls do not. */
class Unsettled {
  readonly open = new Map<string, InputRequest>();
  /** Questions on their way, and what `once()` has begun. */
  readonly pending: Promise<unknown>[] = [];
  readonly made = new Map<string, Promise<unknown>>();
  readonly values: Map<string, unknown>;

  constructor({ values }: CallState) {
    this.values = new Map(Object.entries(values));
  }
}

/**
 * 2026-07-28: a question that has no answer yet ends the call with an
 * `InputRequiredResult`, and the client makes it again, with the answer and the
 * state that is kept with it (Multi Round-Trip Requests).
 */
export class ModernClientLink extends SdkClientLink {
  readonly era = 'modern';
  readonly waiting = 0;
  private unsettled: Unsettled | undefined;

  private constructor(
    server: Server,
    context: RequestContext,
    events: { publish(event: ServerEvent): void },
    private readonly states: RequestState,
    private readonly binding: StateBinding,
    private readonly state: CallState,
  ) {
    super(server, context, events);
  }

  /** @throws ProtocolError -32602 for a state that was not made for this call */
  static of(
    server: Server,
    context: RequestContext,
    events: { publish(event: ServerEvent): void },
    states: RequestState,
    binding: StateBinding,
  ): ModernClientLink | Promise<ModernClientLink> {
    const { inputResponses, requestState } = context.mcpReq;
    const open = ({ answers, values }: CallState): ModernClientLink =>
      new ModernClientLink(server, context, events, states, binding, {
        answers: { ...answers, ...inputResponses },
        values,
      });
    const sealed = requestState();
    return sealed === undefined
      ? open(NO_STATE)
      : openState(states, sealed, binding).then(open);
  }

  /** Whether anything was asked or begun that {@link required} must wait for. */
  get isSettled(): boolean {
    return this.unsettled === undefined;
  }

  private get asked(): Unsettled {
    return (this.unsettled ??= new Unsettled(this.state));
  }

  /** Read from the request itself: nothing is inferred from earlier ones. */
  override get client(): McpClientInfo {
    // The SDK has validated it; its type does not name the keys.
    const envelope = (this.context.mcpReq.envelope ?? {}) as {
      readonly [CLIENT_INFO_META_KEY]?: Implementation;
      readonly [CLIENT_CAPABILITIES_META_KEY]?: ClientCapabilities;
    };
    return {
      info: envelope[CLIENT_INFO_META_KEY],
      capabilities: envelope[CLIENT_CAPABILITIES_META_KEY] ?? {},
    };
  }

  protected ask<T>(question: Question<T> | Promise<Question<T>>): Promise<T> {
    const answer = Promise.resolve(question).then((asked) =>
      this.answerTo(asked),
    );
    this.asked.pending.push(answer);
    return answer;
  }

  once<T>(key: string, make: () => T | Promise<T>): Promise<T> {
    const { values, made, pending } = this.asked;
    if (values.has(key)) {
      return Promise.resolve(values.get(key) as T);
    }
    const result =
      made.get(key) ??
      Promise.resolve(make()).then((value) => {
        values.set(key, value ?? null);
        return value;
      });
    made.set(key, result);
    pending.push(result);
    return result as Promise<T>;
  }

  private answerTo<T>({ key, request, read }: Question<T>): T {
    const { answers } = this.state;
    const answer = Object.hasOwn(answers, key) ? read(answers[key]) : undefined;
    if (answer === undefined) {
      this.asked.open.set(key, request);
      throw new InputRequiredError();
    }
    return answer;
  }

  /** What the client is to be asked; undefined where nothing is open. */
  async required(): Promise<InputRequiredResult | undefined> {
    // Those that were asked at the same time are asked together, and what was
    // begun before them must not be begun again.
    const { pending, open, values } = this.asked;
    await Promise.allSettled(pending);
    if (open.size === 0) {
      return undefined;
    }
    return inputRequired({
      inputRequests: Object.fromEntries(open),
      requestState: await this.states.seal(
        {
          answers: this.state.answers,
          values: Object.fromEntries(values),
        },
        this.binding,
      ),
    });
  }
}

async function openState(
  states: RequestState,
  sealed: unknown,
  binding: StateBinding,
): Promise<CallState> {
  const state = await states.open(sealed, binding);
  if (!state) {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'Invalid or expired requestState',
      { reason: 'invalid_request_state' },
    );
  }
  return state;
}
