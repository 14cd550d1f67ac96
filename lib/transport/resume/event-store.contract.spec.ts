import { createClient } from 'redis';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  redisAvailable,
  startRedis,
  type RedisServer,
} from '../../../test/support/redis-server.js';
import {
  makeTimeMovable,
  passTime,
  releaseTime,
} from '../../../test/support/frozen-time.js';
import type { EventStore } from './event.store.js';
import { MemoryEventStore } from './memory-event.store.js';
import { RedisEventStore } from './redis-event.store.js';
import type { RedisClient } from '../../redis/redis-client.js';

interface Limits {
  readonly maxEvents?: number;
  readonly maxBytes?: number;
  readonly maxTotalBytes?: number;
  readonly lifetime?: number;
}

const SECRETS = ['a secret of the tests that is long enough'];

let redis: RedisServer | undefined;
let client: ReturnType<typeof createClient> | undefined;

/** Milliseconds: time enough for a few commands of Redis, whose clock nobody moves. */
const SHORT = 1000;
const LONG = 5000;

type Pass = (milliseconds: number) => Promise<unknown>;

const stores: [string, (limits?: Limits) => EventStore, Pass][] = [
  ['MemoryEventStore', (limits) => new MemoryEventStore(limits), passTime],
];
if (redisAvailable()) {
  stores.push([
    'RedisEventStore',
    (limits) =>
      new RedisEventStore({
        client: client as unknown as RedisClient,
        secrets: SECRETS,
        ...limits,
      }),
    sleep,
  ]);
  beforeAll(async () => {
    redis = await startRedis();
    client = createClient({ url: redis.url });
    client.on('error', () => undefined);
    await client.connect();
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.stop();
  });
} else {
  describe.skip('RedisEventStore is not tested: there is no redis-server', () => {
    it('has nothing to run on', () => undefined);
  });
}

describe.each(stores)('%s', (_, make, pass) => {
  let session: string;
  beforeEach(() => {
    session = crypto.randomUUID();
    if (pass === passTime) {
      makeTimeMovable();
    }
  });
  afterEach(releaseTime);

  it('gives what a stream has sent after an event, and nothing of another (MCP 2025-11-25, Transports, "Resumability and Redelivery")', async () => {
    const store = make();
    const ids: string[] = [];
    for (const [stream, n] of [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['b', 4],
      ['a', 5],
    ] as const) {
      ids.push(await store.append(session, stream, { n }));
    }
    const [first = ''] = ids;
    expect(new Set(ids).size).toBe(5);
    expect(ids.join('')).toMatch(/^[\x21-\x7e]+$/);
    expect(await store.replay(session, first)).toEqual({
      stream: 'a',
      events: [
        { id: ids[2], message: { n: 3 } },
        { id: ids[4], message: { n: 5 } },
      ],
      position: ids[4],
    });
    expect((await store.replay(session, ids[4] ?? ''))?.events).toEqual([]);
  });

  it('goes on from a position that is an event of another stream', async () => {
    const store = make();
    await store.append(session, 'a', { n: 1 });
    const other = await store.append(session, 'b', { n: 2 });
    const later = await store.append(session, 'a', { n: 3 });
    expect(await store.replay(session, other, 'a')).toEqual({
      stream: 'a',
      events: [{ id: later, message: { n: 3 } }],
      position: later,
    });
  });

  it.each(['', 'nonsense', '0', '1-1', '*', '-', '99999999999-0'])(
    'knows no event %j',
    async (id) => {
      const store = make();
      await store.append(session, 'a', { n: 1 });
      expect(await store.replay(session, id)).toBeUndefined();
    },
  );

  it('knows an event in its own session alone (MCP, Security Best Practices, "Session Hijacking")', async () => {
    const store = make();
    const id = await store.append(session, 'a', { secret: true });
    const other = crypto.randomUUID();
    await store.append(other, 'a', {});
    expect(await store.replay(other, id)).toBeUndefined();
    expect(await store.replay('none', id)).toBeUndefined();
  });

  it('keeps so many events of a session, and forgets the oldest', async () => {
    const store = make({ maxEvents: 3 });
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      ids.push(await store.append(session, 'a', { n }));
    }
    expect(await store.replay(session, ids[1] ?? '')).toBeUndefined();
    expect((await store.replay(session, ids[2] ?? ''))?.events).toHaveLength(2);
  });

  it('keeps so many bytes of a session, and forgets the oldest', async () => {
    const store = make({ maxBytes: 3000 });
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) {
      const message = { n, text: 'x'.repeat(500) };
      ids.push(await store.append(session, 'a', message));
    }
    const [first = '', last = ''] = [ids[0], ids.at(-2)];
    expect(await store.replay(session, first)).toBeUndefined();
    expect((await store.replay(session, last))?.events).toHaveLength(1);
    const large = await store.append(session, 'a', 'x'.repeat(5000));
    expect(await store.replay(session, large)).toBeUndefined();
  });

  it('keeps so many bytes of all: the session that is silent for longest gives way', async () => {
    const store = make({ maxTotalBytes: 29_000 });
    const [silent, lively] = [`${session} silent`, `${session} lively`];
    const text = 'x'.repeat(10_000);
    const first = await store.append(silent, 'a', text);
    const kept = await store.append(lively, 'a', text);
    const latest = await store.append(lively, 'a', text);
    expect(await store.replay(silent, first)).toBeUndefined();
    expect((await store.replay(lively, kept))?.events[0]?.id).toBe(latest);
  });

  it('keeps events for so long', async () => {
    const store = make({ lifetime: SHORT });
    const id = await store.append(session, 'a', {});
    expect(await store.replay(session, id)).toBeDefined();
    await pass(1.2 * SHORT);
    expect(await store.replay(session, id)).toBeUndefined();
  });

  it('tells the owner of a session, until that expires', async () => {
    const store = make();
    expect(await store.ownerOf(session)).toBeUndefined();
    await store.keep(session, 'ada', SHORT);
    expect(await store.ownerOf(session)).toBe('ada');
    await store.keep(session, 'ada', LONG);
    await pass(1.2 * SHORT);
    expect(await store.ownerOf(session)).toBe('ada');
    await pass(LONG);
    expect(await store.ownerOf(session)).toBeUndefined();
  });

  it('keeps the state of a session entry by entry, where it is shared', async () => {
    const store = make();
    if (!store.isShared) {
      await expect(store.stateOf(session)).rejects.toThrow('keeps no state');
      await expect(store.setState(session, 'a', 1, 1000)).rejects.toThrow(
        'keeps no state',
      );
      return;
    }
    const other = make();
    await store.keep(session, 'ada', SHORT);
    await Promise.all([
      store.setState(session, 'a', { n: 1 }, SHORT),
      other.setState(session, 'b', 2, SHORT),
      other.setState(session, 'c', 3, SHORT),
    ]);
    await store.setState(session, 'c', undefined, SHORT);
    const state = new Map<string, unknown>([
      ['a', { n: 1 }],
      ['b', 2],
    ]);
    expect(await other.stateOf(session)).toEqual(state);
    await other.keep(session, 'ada', LONG);
    await pass(1.2 * SHORT);
    expect(await store.stateOf(session)).toEqual(state);
    await pass(LONG);
    expect(await store.stateOf(session)).toEqual(new Map());
    await store.setState(session, 'a', 1, 1000);
    await store.forget(session);
    expect(await other.stateOf(session)).toEqual(new Map());
  });

  it('limits what it keeps of a session, and nothing that another instance keeps of it', async () => {
    const store = make({ maxBytes: 3000 });
    if (!store.isShared) {
      return;
    }
    const other = make({ maxBytes: 3000 });
    const first = await other.append(session, 'a', { n: 0 });
    for (let n = 1; n <= 10; n++) {
      await store.append(session, 'a', { n, text: 'x'.repeat(500) });
    }
    const events = (await other.replay(session, first))?.events ?? [];
    expect(events.length).toBeGreaterThan(1);
    expect(events.length).toBeLessThan(10);
    expect(events.at(-1)?.message).toMatchObject({ n: 10 });
  });

  it('forgets a session with all that it sent', async () => {
    const store = make();
    await store.keep(session, 'ada', 1000);
    const id = await store.append(session, 'a', {});
    await store.forget(session);
    await store.forget('unknown');
    expect(await store.ownerOf(session)).toBeUndefined();
    expect(await store.replay(session, id)).toBeUndefined();
  });
});
