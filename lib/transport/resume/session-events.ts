import type {
  EventId,
  EventStore as SdkEventStore,
  JSONRPCMessage,
  StreamId,
} from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import { currentRequest } from '../request/endpoint-request.js';
import type { EventStore } from './event.store.js';

/** The form of the SDK's names for streams of calls; that of what is unasked has another. */
const CALL_STREAM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the SDK's transport needs of the store, for one session. */
export class SessionEvents implements SdkEventStore {
  private readonly appending = new Set<Promise<unknown>>();
  private replaying: Promise<void> | undefined;
  /** While it is set, nothing is kept. */
  isMuted = false;

  /**
   * @param instance put before the names of streams that are this instance's alone
   * @param report told what could not be kept
   */
  constructor(
    private readonly store: EventStore,
    private readonly session: string,
    private readonly instance: string,
    private readonly report: (error: unknown) => void,
  ) {}

  async storeEvent(
    stream: StreamId,
    message: JSONRPCMessage,
  ): Promise<EventId> {
    if (this.isMuted) {
      return randomUUID();
    }
    while (this.replaying) {
      await this.replaying;
    }
    const appended = this.append(stream, message);
    this.appending.add(appended);
    try {
      return await appended;
    } finally {
      this.appending.delete(appended);
    }
  }

  /**
   * Nothing is appended from before the store is read until the transport has
   * taken the stream over: it would reach neither the old connection nor the new.
   */
  replayEventsAfter(
    after: EventId,
    { send }: Parameters<SdkEventStore['replayEventsAfter']>[1],
  ): Promise<StreamId> {
    const replayed = this.replay(after, send);
    const takenOver = replayed
      .catch(() => undefined)
      .then(() => new Promise<void>((resolve) => void setImmediate(resolve)))
      .then(() => {
        if (this.replaying === takenOver) {
          this.replaying = undefined;
        }
      });
    this.replaying = takenOver;
    return replayed;
  }

  /** The stream of an event, by its name in the store; undefined where it cannot be resumed. */
  async streamOf(event: EventId): Promise<string | undefined> {
    return (await this.store.replay(this.session, event))?.stream;
  }

  private async append(
    stream: StreamId,
    message: JSONRPCMessage,
  ): Promise<EventId> {
    try {
      const name = CALL_STREAM.test(stream)
        ? `${this.instance}/${stream}`
        : stream;
      return await this.store.append(this.session, name, message);
    } catch (error) {
      this.report(error);
      // Known to no store, so that nobody resumes after it.
      return randomUUID();
    }
  }

  private async replay(
    after: EventId,
    send: (id: EventId, message: JSONRPCMessage) => Promise<void>,
  ): Promise<StreamId> {
    await Promise.allSettled(this.appending);
    const replay = await this.store.replay(this.session, after);
    if (!replay) {
      throw new Error('The event is kept no more');
    }
    const limit = currentRequest()?.maxUnreadBytes ?? Infinity;
    let sent = 0;
    for (const { id, message } of replay.events) {
      if (sent > limit) {
        // A stream that nothing is left of: the SDK ends it, and the client comes for the rest.
        return randomUUID();
      }
      sent += JSON.stringify(message).length;
      await send(id, message as JSONRPCMessage);
    }
    return replay.stream.slice(replay.stream.indexOf('/') + 1);
  }
}
