import type { ClientCaller } from '../auth/client-auth.js';
import type { ClientSettings } from '../config/client-settings.js';
import { Connection } from './connection.js';
import type { ClientParts } from './open-client.js';

/** How many connections of callers are kept: the one that was not used for longest goes. */
const MOST_CONNECTIONS = 1000;
/** Milliseconds that one is kept for without use. */
const IDLE = 300_000;

/** The connections to one server: one for all callers, or one for each where each has credentials of their own. */
export class Connections {
  private readonly shared: Connection;
  /** By the key of their principal, least recently used first. */
  private readonly own = new Map<string, Connection>();

  constructor(
    private readonly server: string,
    private readonly settings: ClientSettings,
    private readonly parts: ClientParts,
  ) {
    this.shared = this.create(true);
  }

  /** The connection on which calls of this caller are made. */
  of(caller: ClientCaller): Connection {
    const key = this.settings.auth?.principalOf(caller);
    const connection = key === undefined ? this.shared : this.ownOf(key);
    connection.caller = caller;
    return connection;
  }

  async close(): Promise<void> {
    const all = [this.shared, ...this.own.values()];
    this.own.clear();
    await Promise.all(all.map((connection) => connection.close()));
  }

  private ownOf(key: string): Connection {
    const connection = this.own.get(key) ?? this.create(false);
    this.own.delete(key);
    this.own.set(key, connection);
    for (const [other, { usedAt }] of this.own) {
      if (this.own.size <= MOST_CONNECTIONS && usedAt > Date.now() - IDLE) {
        break;
      }
      if (other !== key) {
        void this.own.get(other)?.close();
        this.own.delete(other);
      }
    }
    return connection;
  }

  private create(isShared: boolean): Connection {
    return new Connection(this.server, this.settings, this.parts, isShared);
  }
}
