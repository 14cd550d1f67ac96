import { onEveryStorage } from '../../../test/support/oauth-storages.js';
import { MemoryOAuthStore } from './memory.store.js';
import type { StoredRank } from '../../auth/issuer/oauth.store.js';
import { ProviderAdapter } from './provider.adapter.js';

const inAnHour = Math.floor(Date.now() / 1000) + 3600;

describe('ProviderAdapter', () => {
  onEveryStorage((storage) => {
    let count = 0;
    let id: string;
    let grantId: string;
    beforeEach(() => {
      id = `id-${++count}-${'s'.repeat(40)}`;
      grantId = `grant-${count}`;
    });
    const adapter = (kind: string, instance = 0) => {
      const { stores } = storage();
      return new ProviderAdapter(
        kind,
        stores[instance % stores.length] ?? stores[0],
      );
    };
    const payload = () => ({ jti: id, grantId, exp: inAnHour, scope: 'a b' });

    it('finds a record as it was saved, by its kind and id', async () => {
      await adapter('AccessToken').upsert(id, payload(), 60);
      expect(await adapter('AccessToken', 1).find(id)).toEqual(payload());
      expect(await adapter('RefreshToken').find(id)).toBeUndefined();
      expect(await adapter('AccessToken').find(`${id}x`)).toBeUndefined();
    });

    it('replaces a record', async () => {
      await adapter('Grant').upsert(id, { jti: id, a: 1 }, 60);
      await adapter('Grant').upsert(id, { jti: id, b: 2 }, 60);
      expect(await adapter('Grant').find(id)).toEqual({ jti: id, b: 2 });
    });

    it('adds nothing to what has no id of its own, such as a client', async () => {
      const client = { client_id: id, redirect_uris: ['https://a.example/'] };
      await adapter('Client').upsert(id, client, undefined as never);
      expect(await adapter('Client').find(id)).toEqual(client);
    });

    it.each(['AuthorizationCode', 'RefreshToken'])(
      'lets exactly one of 20 consume a %s, and revokes its family then',
      async (kind) => {
        await adapter(kind).upsert(id, payload(), 60);
        await adapter('Grant').upsert(grantId, { jti: grantId }, 60);
        await adapter('RefreshToken').upsert(`${id} next`, payload(), 60);
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, (_, index) =>
            adapter(kind, index).consume(id),
          ),
        );
        const refused = outcomes.filter(({ status }) => status === 'rejected');
        expect(refused).toHaveLength(19);
        for (const outcome of refused) {
          expect(outcome).toMatchObject({ reason: { error: 'invalid_grant' } });
        }
        expect(await adapter(kind).find(id)).toBeUndefined();
        expect(await adapter('RefreshToken').find(`${id} next`)).toBe(
          undefined,
        );
        // Or else the next login would build on the dead grant.
        expect(await adapter('Grant').find(grantId)).toBeUndefined();
      },
    );

    it('keeps what was consumed, marked, so that its reuse is noticed', async () => {
      await adapter('RefreshToken').upsert(id, payload(), 60);
      await adapter('RefreshToken').consume(id);
      const found = await adapter('RefreshToken', 1).find(id);
      expect(found).toEqual({
        ...payload(),
        consumed: expect.any(Number) as number,
      });
      expect(found?.consumed).toBeGreaterThan(inAnHour - 3700);
      await expect(adapter('RefreshToken', 1).consume(id)).rejects.toThrow(
        'invalid_grant',
      );
      expect(await adapter('RefreshToken').find(id)).toBeUndefined();
    });

    it('lets a pushed request be consumed once', async () => {
      const pushed = adapter('PushedAuthorizationRequest');
      await pushed.upsert(id, { jti: id, exp: inAnHour }, 60);
      await pushed.consume(id);
      await expect(pushed.consume(id)).rejects.toThrow('invalid_grant');
    });

    it('lets nobody consume what was destroyed or never there', async () => {
      const codes = adapter('AuthorizationCode');
      await codes.upsert(id, payload(), 60);
      await codes.destroy(id);
      await expect(codes.consume(id)).rejects.toThrow('invalid_grant');
      await expect(codes.consume('unknown')).rejects.toThrow('invalid_grant');
    });

    it('revokes all of one grant, also what is saved later, and no other', async () => {
      await adapter('AccessToken').upsert(id, payload(), 60);
      await adapter('AccessToken').upsert(
        `${id} other`,
        { ...payload(), grantId: `${grantId} other` },
        60,
      );
      await adapter('RefreshToken').revokeByGrantId(grantId);
      await adapter('RefreshToken').upsert(`${id} late`, payload(), 60);
      expect(await adapter('AccessToken').find(id)).toBeUndefined();
      expect(await adapter('RefreshToken').find(`${id} late`)).toBe(undefined);
      expect(await adapter('AccessToken').find(`${id} other`)).toBeDefined();
    });

    it('finds a session by its uid, also after its id was renewed', async () => {
      const sessions = adapter('Session');
      const uid = `uid-${count}`;
      await sessions.upsert(id, { jti: id, uid, accountId: 'ann' }, 60);
      expect(await sessions.findByUid(uid)).toMatchObject({ jti: id });
      await sessions.destroy(id);
      expect(await sessions.findByUid(uid)).toBeUndefined();
      await sessions.upsert('renewed', { jti: 'renewed', uid }, 60);
      expect(await sessions.findByUid(uid)).toMatchObject({ jti: 'renewed' });
      expect(await sessions.findByUid(`${uid}x`)).toBeUndefined();
    });

    it('forgets what is destroyed', async () => {
      await adapter('Interaction').upsert(id, { jti: id }, 60);
      await adapter('Interaction').destroy(id);
      expect(await adapter('Interaction').find(id)).toBeUndefined();
      await expect(adapter('Interaction').destroy(id)).resolves.toBe(undefined);
    });
  });

  it('writes no id, and nothing that a record says, in clear', async () => {
    const store = new RecordingStore();
    const adapter = (kind: string) => new ProviderAdapter(kind, store);
    const record = { jti: 'secret-id', uid: 'secret-uid', grantId: 'secret-g' };
    for (const kind of ['Session', 'AuthorizationCode', 'Interaction']) {
      await adapter(kind).upsert(
        'secret-id',
        { ...record, kind, session: { cookie: 'secret-session' } },
        60,
      );
      await adapter(kind).find('secret-id');
    }
    await adapter('AuthorizationCode').consume('secret-id');
    await adapter('AuthorizationCode').revokeByGrantId('secret-g');
    expect(store.written.length).toBeGreaterThan(5);
    expect(store.written.join('\n')).not.toContain('secret');
  });

  it('takes a record that somebody exchanged in the storage for none', async () => {
    const store = new MemoryOAuthStore();
    const tokens = new ProviderAdapter('AccessToken', store);
    const recording = new RecordingStore();
    await new ProviderAdapter('AccessToken', recording).upsert('x', {}, 60);
    await tokens.upsert('mine', { jti: 'mine' }, 60);
    const stranger = new ProviderAdapter('AccessToken', recording);
    await stranger.upsert('mine', { jti: 'mine' }, 60);
    const [key] = recording.keys.slice(-1);
    await store.set(key ?? '', recording.values[0], 60);
    expect(await tokens.find('mine')).toBeUndefined();
    await store.set(key ?? '', { jti: 'forged' }, 60);
    expect(await tokens.find('mine')).toBeUndefined();
  });

  it('keeps revocations above what was issued, and that above logins under way', async () => {
    const recording = new RecordingStore();
    const save = (kind: string, payload: Record<string, unknown>) =>
      new ProviderAdapter(kind, recording).upsert('a', payload, 60);
    await save('Interaction', {});
    await save('ReplayDetection', {});
    await save('Session', { jti: 'a' });
    await save('Session', { jti: 'a', accountId: 'ada' });
    await save('Grant', { accountId: 'ada' });
    await new ProviderAdapter('Grant', recording).revokeByGrantId('a');
    expect(recording.ranks).toEqual([
      'pending',
      'pending',
      'pending',
      'issued',
      'issued',
      'revocation',
    ]);
  });

  it('lets the lifetime be chosen by kind', async () => {
    const recording = new RecordingStore();
    const clients = new ProviderAdapter(
      'Client',
      recording,
      (kind, { client_name }, expiresIn) =>
        Promise.resolve({
          lifetime: kind === 'Client' && client_name === 'mine' ? 7 : expiresIn,
          rank: 'unused',
        }),
    );
    await clients.upsert('a', { client_name: 'mine' }, 60);
    await clients.upsert('b', { client_name: 'other' }, 60);
    expect(recording.lifetimes).toEqual([7, 60]);
  });
});

/** Notes what is written. */
class RecordingStore extends MemoryOAuthStore {
  readonly keys: string[] = [];
  readonly values: unknown[] = [];
  readonly lifetimes: unknown[] = [];
  readonly ranks: unknown[] = [];

  get written(): string[] {
    return [...this.keys, ...this.values.map((value) => JSON.stringify(value))];
  }

  override set(
    key: string,
    value: unknown,
    lifetime?: number,
    rank?: StoredRank,
  ): Promise<void> {
    this.keys.push(key);
    this.values.push(value);
    this.lifetimes.push(lifetime);
    this.ranks.push(rank);
    return super.set(key, value, lifetime, rank);
  }
}
