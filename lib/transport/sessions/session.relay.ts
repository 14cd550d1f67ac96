import type { JSONRPCMessage } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import type { EventStore } from '../resume/event.store.js';
import type { ServerEvents } from '../list-changes/server-events.js';

/** A message of a client that reached another instance than it is for. */
interface RelayedMessage {
  /** Id of its event in the store. */
  readonly id: string;
  readonly message: JSONRPCMessage;
}

/** What instances tell each other by. */
export type SessionNews = Pick<
  ServerEvents,
  'publishSession' | 'subscribeSessions' | 'reachesOthers'
>;

/** Hears of a session, from another instance. */
type Listener = (session: string, after: string | undefined) => void;

/** The stream of a session's events that is for instances, and no client's. */
const RELAY = 'instances';

/** The form of a question's id: who asked, and its own id there. */
const QUESTION_ID = /^([0-9a-f-]{36}):(\d{1,15})$/;

/**
 * Goes between the instances that share an event store. What is to be acted
 * upon is in the store, encrypted for its session; the bus says where to look.
 */
export class SessionRelay {
  /** This instance, as others know it. */
  readonly instance = randomUUID();
  private stop: (() => void) | undefined;

  constructor(
    private readonly store: () => EventStore,
    private readonly news: SessionNews,
  ) {}

  /** Whether there are other instances, as far as that can be told. */
  get isShared(): boolean {
    return this.store().isShared;
  }

  listen(listener: Listener): void {
    this.stop = this.news.subscribeSessions(({ session, from, after }) => {
      if (from !== this.instance) {
        listener(session, after);
      }
    });
  }

  close(): void {
    this.stop?.();
  }

  /** Says that the state of a session is another, or that it has ended. */
  changed(session: string): void {
    this.news.publishSession({ session, from: this.instance });
  }

  /** Passes a message on to whichever instance it is for. */
  async pass(session: string, message: JSONRPCMessage): Promise<void> {
    const store = this.store();
    const after = await store.append(session, RELAY, {});
    await store.append(session, RELAY, { message });
    this.news.publishSession({ session, from: this.instance, after });
  }

  /** The messages that were passed on after an event. */
  async read(session: string, after: string): Promise<RelayedMessage[]> {
    const replay = await this.store().replay(session, after);
    return replay?.stream !== RELAY
      ? []
      : replay.events.flatMap(({ id, message: passed }) => {
          const { message } = passed as Partial<RelayedMessage>;
          return message ? [{ id, message }] : [];
        });
  }

  /** Whether a stream of the store is this instance's own, another's or no client's. */
  ownerOf(stream: string): 'own' | 'other' | 'none' {
    const [instance, rest] = stream.split('/');
    return stream === RELAY
      ? 'none'
      : rest === undefined || instance === this.instance
        ? 'own'
        : 'other';
  }

  /** What the client is asked, by an id that no other instance gives. */
  questionId(id: unknown): string {
    return `${this.instance}:${String(id)}`;
  }

  /** Which instance asked, and the id that it gave; undefined for an id of no such form. */
  questionOf(id: unknown): { instance: string; id: number } | undefined {
    const [, instance, number] = QUESTION_ID.exec(String(id)) ?? [];
    return instance === undefined
      ? undefined
      : { instance, id: Number(number) };
  }
}
