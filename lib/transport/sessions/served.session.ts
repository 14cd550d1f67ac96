import { BoundedMap } from '../../cache/bounded-map.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/server';
import type { SessionEvents } from '../resume/session-events.js';
import type { LegacySession } from './legacy-session.js';
import {
  CLIENT,
  requestsBetween,
  type SessionState,
  SPEAKER,
  type StateChange,
} from './legacy-session.js';
import type { SessionKeeper } from './session.keeper.js';
import type { SessionRelay } from './session.relay.js';
import {
  isCancellation,
  type SessionSharing,
  type SessionTransport,
} from './session.transport.js';

/** Messages of one body that may be passed on; the SDK's transport refuses more. */
const MAX_BATCH = 100;

/** Messages from other instances that are remembered, so that none is taken twice. */
const MAX_TAKEN = 256;

/**
 * A session on this instance, and the transport that its HTTP requests go to.
 * Where the event store is shared, other instances serve it as well: this one
 * follows what the client tells them, and passes on what is for their calls.
 */
export class ServedSession implements SessionSharing {
  private known: SessionState = new Map();
  private readonly taken = new BoundedMap<string, true>({
    maxEntries: MAX_TAKEN,
  });
  private news: Promise<void> = Promise.resolve();

  constructor(
    readonly session: LegacySession,
    readonly transport: SessionTransport,
    readonly events: SessionEvents,
    private readonly keeper: SessionKeeper,
    private readonly relay: SessionRelay,
  ) {}

  /** What other instances know of it, or are to know. */
  get state(): SessionState {
    return this.known;
  }

  get speaks(): boolean {
    return this.known.get(SPEAKER) === this.relay.instance;
  }

  /** Resolves when all is done that other instances have told so far. Never rejects. */
  async catchUp(): Promise<void> {
    let news: Promise<void> | undefined;
    while (news !== this.news) {
      news = this.news;
      await news;
    }
  }

  questionId(id: unknown): string {
    return this.relay.questionId(id);
  }

  async onChange(change: StateChange): Promise<void> {
    const [name, value] = change;
    const state = new Map(this.known);
    if (value === undefined) {
      state.delete(name);
    } else {
      state.set(name, value);
    }
    this.known = state;
    await this.keeper.setState(this.session.id, change);
    this.relay.changed(this.session.id);
  }

  /** Shares a session that begins here. */
  share(): void {
    this.known = new Map([[SPEAKER, this.relay.instance]]);
    this.transport.sharing = this;
  }

  /** From now on, this instance tells the client what it has not asked for, and keeps it while the client is away. */
  async speak(): Promise<void> {
    if (this.transport.sharing && !this.speaks) {
      await this.onChange([SPEAKER, this.relay.instance]);
    }
  }

  /**
   * Takes up a session that another instance has begun.
   *
   * @throws Error where that cannot be done
   */
  async takeUp(): Promise<void> {
    let failure: unknown;
    this.news = this.restore().catch((error: unknown) => {
      failure = error;
    });
    await this.news;
    if (failure !== undefined) {
      throw failure as Error;
    }
  }

  /** Hears of the session from another instance; one thing after another. */
  hear(after: string | undefined): void {
    this.news = this.news
      .then(() => (after === undefined ? this.follow() : this.take(after)))
      .catch((error: unknown) =>
        this.keeper.report('tell of a session', error),
      );
  }

  /**
   * Passes on what is for calls of other instances.
   *
   * @returns what is for this one; undefined where nothing is left
   * @throws Error where it cannot be passed on
   */
  async receive(body: unknown): Promise<unknown> {
    if (
      body === undefined ||
      !this.transport.sharing ||
      (Array.isArray(body) && body.length > MAX_BATCH)
    ) {
      return body;
    }
    const here: unknown[] = [];
    for (const message of [body].flat() as JSONRPCMessage[]) {
      const ours = this.ours(message);
      if (ours) {
        here.push(ours);
      } else {
        await this.relay.pass(this.session.id, message);
      }
    }
    return Array.isArray(body) && here.length > 0 ? here : here[0];
  }

  private async restore(): Promise<void> {
    const state = await this.keeper.stateOf(this.session.id);
    const client = state.get(CLIENT);
    if (client === undefined) {
      throw new Error('What the client began the session with is not known');
    }
    await this.session.server.connect(this.transport);
    await this.transport.begin(client);
    await this.adopt(state);
    this.transport.sharing = this;
  }

  private async adopt(state: SessionState): Promise<void> {
    const requests = requestsBetween(this.known, state);
    this.known = state;
    for (const request of requests) {
      await this.transport.repeat(request);
    }
  }

  /** Whoever deletes a session has the store forget it first. */
  private async follow(): Promise<void> {
    const { id, owner, server } = this.session;
    if ((await this.keeper.ownerOf(id)) === owner) {
      await this.adopt(await this.keeper.stateOf(id));
    } else {
      await server.close();
    }
  }

  private async take(after: string): Promise<void> {
    const passed = await this.relay.read(this.session.id, after);
    for (const { id, message } of passed) {
      const ours = this.taken.has(id) ? undefined : this.ours(message);
      if (ours) {
        this.taken.set(id, true);
        this.transport.deliver(ours);
      }
    }
  }

  /** A message with the ids of this instance; undefined where it is for another's call. */
  private ours(message: JSONRPCMessage): JSONRPCMessage | undefined {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const question = this.relay.questionOf(message.id);
      return !question
        ? message
        : question.instance === this.relay.instance
          ? { ...message, id: question.id }
          : undefined;
    }
    return isCancellation(message) &&
      !this.session.isRunning(message.params?.['requestId'] as RequestId)
      ? undefined
      : message;
  }
}
